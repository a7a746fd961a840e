#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "settings/values.hpp"

namespace recentd::settings {

// One option that can be given on a command line and as a key of the configuration file.
// Options: the struct that it fills in.
template <class Options>
struct Setting {
  enum class Takes { nothing, value, list };
  // Whether it means anything where a command works once.
  enum class Fits { always, loop_only };

  std::string option;  // its name on the command line, without "--"
  std::string key;     // its name in the configuration file
  Takes takes = Takes::value;
  std::string argument;  // what --help calls its value; empty for a switch
  std::string help;
  std::string otherwise;  // its default, as it would be written; empty: none
  Fits fits = Fits::always;
  // Takes one value over: called once for each value, in the order in which the user gave them. `name` is for
  // messages. A switch is handed true or false. Throws Error{usage}.
  std::function<void(Options&, std::string_view name, const std::string& value)> set;
  std::string group = {};  // its heading where help has some; empty: none of its own
  bool common = false;     // the short help shows it, too

  // The text for --help.
  [[nodiscard]] std::string described() const {
    return otherwise.empty() ? help : help + " (default " + otherwise + ")";
  }
  // The same row, for loops only.
  [[nodiscard]] Setting in_loops() && {
    fits = Fits::loop_only;
    return std::move(*this);
  }
  // What a switch on the command line hands to set().
  [[nodiscard]] std::string switched() const { return option == "no-" + dashed(key) ? "false" : "true"; }

  // "max_delete" for "max-delete", and back.
  static std::string underscored(std::string name) {
    for (char& c : name)
      if (c == '-') c = '_';
    return name;
  }
  static std::string dashed(std::string name) {
    for (char& c : name)
      if (c == '_') c = '-';
    return name;
  }
};

// Makers of rows. `member` is where the value goes, a pointer to a member or a function of the options that
// returns a reference; its initial value is the default that --help tells.
template <class Options>
struct Rows {
  using Row = Setting<Options>;
  using Takes = typename Row::Takes;

  // Any other kind of value: `set` is a lambda, so that a row stays one line or two.
  template <class Set>
  static Row custom(std::string option, std::string argument, std::string help, std::string otherwise,
                    Set set, Takes takes = Takes::value) {
    auto key = Row::underscored(option);
    return {.option = std::move(option),
            .key = std::move(key),
            .takes = takes,
            .argument = std::move(argument),
            .help = std::move(help),
            .otherwise = std::move(otherwise),
            .set = std::move(set)};
  }

  // A switch: `--NAME`, and `NAME: true` or `false`.
  template <class Member>
  static Row flag(std::string option, Member member, std::string help) {
    return custom(
        std::move(option), {}, std::move(help), {},
        [member](Options& options, std::string_view name, const std::string& value) {
          std::invoke(member, options) = parse_switch(name, value);
        },
        Takes::nothing);
  }
  // A switch that the file calls otherwise.
  template <class Member>
  static Row flag_called(std::string option, std::string key, Member member, std::string help) {
    auto row = flag(std::move(option), member, std::move(help));
    row.key = std::move(key);
    return row;
  }
  // A switch that is on by itself: `--no-NAME`, and `NAME: false`.
  template <class Member>
  static Row flag_off(const std::string& name, Member member, std::string help) {
    auto row = flag("no-" + name, member, std::move(help));
    row.key = Row::underscored(name);
    return row;
  }

  template <class Member>
  static Row text(std::string option, std::string argument, Member member, std::string help) {
    return custom(std::move(option), std::move(argument), std::move(help), initially(member),
                  [member](Options& options, std::string_view, const std::string& value) {
                    std::invoke(member, options) = value;
                  });
  }
  // A whole number from min to max.
  template <class Member>
  static Row number(std::string option, Member member, std::int64_t min, std::string help,
                    std::int64_t max = std::numeric_limits<std::int64_t>::max()) {
    return custom(std::move(option), "N", std::move(help), initially(member),
                  [member, min, max](Options& options, std::string_view name, const std::string& value) {
                    std::invoke(member, options) =
                        static_cast<Kind<Member>>(parse_number(name, value, min, max));
                  });
  }
  // Seconds, with decimals.
  template <class Member>
  static Row seconds(std::string option, Member member, std::string help) {
    return custom(std::move(option), "S", std::move(help), initially(member),
                  [member](Options& options, std::string_view name, const std::string& value) {
                    std::invoke(member, options) =
                        std::chrono::duration_cast<Kind<Member>>(parse_seconds(name, value));
                  });
  }
  // Repeatable on the command line, a list (or one value) in the file.
  template <class Member>
  static Row list(std::string option, std::string argument, Member member, std::string help) {
    return custom(
        std::move(option), std::move(argument), std::move(help), {},
        [member](Options& options, std::string_view, const std::string& value) {
          std::invoke(member, options).push_back(value);
        },
        Takes::list);
  }

 private:
  template <class T>
  struct Plain {
    using type = T;
  };
  template <class T>
  struct Plain<std::optional<T>> {
    using type = T;
  };

  template <class Member>
  using Kind = typename Plain<std::remove_cvref_t<std::invoke_result_t<Member, Options&>>>::type;

  template <class Member>
  static std::string initially(Member member) {
    Options options;
    return shown(std::invoke(member, options));
  }
  static std::string shown(const std::string& value) { return value; }
  static std::string shown(std::chrono::nanoseconds value) { return seconds_text(value); }
  template <std::integral T>
  static std::string shown(T value) {
    return std::to_string(value);
  }
  template <class T>
  static std::string shown(const std::optional<T>& value) {
    return value ? shown(*value) : std::string();
  }
};

// Adds a part's rows to a whole's: `part` finds the part in the whole, as for Rows. They come under the
// heading `group`, if there is one, else under their own.
template <class Whole, class Part, class FindPart>
void append(std::vector<Setting<Whole>>& table, const std::vector<Setting<Part>>& rows, FindPart part,
            const std::string& group = {}) {
  using Row = Setting<Whole>;
  for (const auto& row : rows) {
    auto set = [part, set = row.set](Whole& whole, std::string_view name, const std::string& value) {
      set(std::invoke(part, whole), name, value);
    };
    table.push_back(Row{row.option, row.key, static_cast<typename Row::Takes>(row.takes), row.argument,
                        row.help, row.otherwise, static_cast<typename Row::Fits>(row.fits), std::move(set),
                        group.empty() ? row.group : group, row.common});
  }
}

// Lets the short help show these options, too.
template <class Options>
void make_common(std::vector<Setting<Options>>& table, std::initializer_list<std::string_view> options) {
  for (auto& row : table)
    for (const auto name : options) row.common = row.common || row.option == name;
}

// The row of that name on the command line, or of that key in the file; nullptr if there is none.
template <class Options>
const Setting<Options>* find_option(const std::vector<Setting<Options>>& table, std::string_view option) {
  for (const auto& row : table)
    if (row.option == option) return &row;
  return nullptr;
}
template <class Options>
const Setting<Options>* find_key(const std::vector<Setting<Options>>& table, std::string_view key) {
  for (const auto& row : table)
    if (row.key == key) return &row;
  return nullptr;
}

}  // namespace recentd::settings
