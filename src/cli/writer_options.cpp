#include "cli/writer_options.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/setting_options.hpp"
#include "settings/writer_settings.hpp"

namespace recentd::cli {

namespace {

constexpr const char* k_group = "how the index is written";

}  // namespace

std::vector<Option> lock_options() {
  return {rarely({"filenameroot", "NAME", "first part of the index files' names (default RECENT)", k_group}),
          writer_option("locktimeout"), rarely({"no-wait", nullptr, "the same as --locktimeout 0", k_group})};
}

std::vector<Option> with_writer_options(std::vector<Option> own) {
  for (auto& row : lock_options()) own.push_back(std::move(row));
  own.insert(own.end(), {writer_option("fsync"),
                         writer_option("json-paths"),
                         {"dry-run", nullptr, "say what would be done, write nothing"},
                         {"verbose,v", nullptr, "say what is done; twice: more"}});
  return own;
}

Option writer_option(std::string_view name, std::string_view when) {
  auto row = as_option(*settings::find_option(settings::writer_settings(), name));
  row.help.insert(0, when);
  if (!row.common) row.group = k_group;
  return row;
}

void set_verbosity(std::size_t count) {
  if (count > 0) Log::set_limit(count > 1 ? Level::debug : Level::info);
}

void set_verbosity_of_loop(const Arguments& arguments) {
  if (arguments.has("quiet") && arguments.has("verbose"))
    throw Error(Kind::usage, "--quiet and --verbose exclude each other");
  if (!arguments.has("quiet")) Log::set_limit(arguments.count("verbose") > 1 ? Level::debug : Level::info);
}

Option quiet_option(const char* help) {
  return rarely({"quiet,q", nullptr, help});
}

std::chrono::nanoseconds lock_timeout(const Arguments& arguments) {
  if (arguments.has("no-wait") && arguments.has("locktimeout"))
    throw Error(Kind::usage, "--no-wait and --locktimeout exclude each other");
  return arguments.has("no-wait") ? std::chrono::nanoseconds(0)
                                  : arguments.seconds("locktimeout", WriterOptions{}.locktimeout);
}

WriterOptions writer_options(const char* component, const Arguments& arguments) {
  set_verbosity(arguments.count("verbose"));
  WriterOptions options;
  take_settings(arguments, settings::writer_settings(), options);
  options.locktimeout = lock_timeout(arguments);
  options.dry_run = arguments.has("dry-run");
  options.on_warning = [component](const std::string& message) { Log(component).warning(message); };
  return options;
}

void refuse_future(const Epoch& epoch, const Clock& clock) {
  const auto now = Epoch::from_time(clock.now());
  if (epoch <= now) return;
  throw Error(Kind::usage, cat("epoch ", escaped(epoch.text()), " lies in the future, now is ", now.text(),
                               "; leave --epoch out to register a change of now"));
}

}  // namespace recentd::cli
