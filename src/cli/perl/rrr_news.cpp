#include <cstdio>
#include <ctime>

#include <recentd/clock.hpp>
#include <recentd/index_set.hpp>
#include <recentd/mirror.hpp>
#include <recentd/reading.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/perl/rrr_options.hpp"
#include "settings/values.hpp"
#include "sys/tree/temp_directory.hpp"

namespace recentd::cli {

const RrrUsage& rrr_news_usage() {
  using Takes = RrrOption::Takes;
  static const RrrUsage row = {
      .program = "rrr-news",
      .synopsis = "[options]",
      .operands = 0,
      .on_error = RrrUsage::OnError::synopsis_on_stderr_exit_2,
      .options = {{"after", Takes::value, "only events after this epoch"},
                  {"allow-suffix", Takes::value, "read a remote .sto or .dd index, too (repeatable)"},
                  {"before", Takes::value, "only events before this epoch"},
                  {"contains_epoch", Takes::value, "this epoch; implies --max=1"},
                  {"contains_path", Takes::value, "this path; implies --max=1"},
                  {"contains_type", Takes::value, "this type; implies --max=1"},
                  {"dry-run", Takes::negatable, "refused: there is nothing to run dry"},
                  {"local", Takes::value, "a local principal file"},
                  {"localroot", Takes::value, "where the files of --remote are kept"},
                  {"max", Takes::value, "at most so many"},
                  {"remote", Takes::value, "a remote principal file in rsync notation"},
                  {"rsync_options|rsync", Takes::value, "NAME=VALUE for rsync (repeatable)"},
                  {"skip-deletes", Takes::negatable, "leave deletes out"},
                  {"verbose|v", Takes::count, "tell of levels that do not join"}}};
  return row;
}

namespace {

EventFilter filter_from(const RrrArguments& arguments) {
  const auto epoch = [&](const char* name) -> std::optional<Epoch> {
    const auto text = arguments.value(name);
    return text ? std::optional(settings::parse_epoch(cat("--", name), *text)) : std::nullopt;
  };
  EventFilter filter;
  filter.after = epoch("after");
  filter.before = epoch("before");
  filter.skip_deletes = arguments.count("skip-deletes") > 0;
  if (const auto text = arguments.value("max"))
    filter.max = static_cast<std::size_t>(settings::parse_number("--max", *text, 0));
  filter.contains.epoch = epoch("contains_epoch");
  filter.contains.path = arguments.value("contains_path");
  filter.contains.type = arguments.value("contains_type");
  const auto& contains = filter.contains;
  if (contains.epoch || contains.path || contains.type) filter.max = 1;
  return filter;
}

// The form of C's ctime(), in local time.
std::string local_time(const EpochView& epoch) {
  const std::time_t time = epoch.key.seconds;
  std::tm parts{};
  char text[64];
  if (::localtime_r(&time, &parts) == nullptr ||
      std::strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &parts) == 0)
    return std::string(epoch.text);
  return text;
}

void print_news(const std::string& principal, const RrrArguments& arguments) {
  std::vector<std::string> warnings;
  for (const Event& event : news(principal, filter_from(arguments), NewsMode::all, &warnings)) {
    const auto line = cat(local_time(event.epoch), " ", single_line(event.path), "\n");
    std::fwrite(line.data(), 1, line.size(), stdout);
  }
  const auto tell = warnings_when_verbose("news", arguments);
  for (const auto& warning : warnings) tell(warning);
}

std::string fetched(const RrrArguments& arguments, const std::string& directory) {
  MirrorOptions options;
  options.source = *arguments.value("remote");
  options.target = directory;
  options.connect.rsync_options = arguments.values("rsync_options");
  for (const auto& suffix : arguments.values("allow-suffix"))
    options.connect.allow_suffixes.push_back(settings::parse_allowed_suffix("--allow-suffix", suffix));
  return fetch_index_set(options, system_clock());
}

}  // namespace

int rrr_news(Words words) {
  const auto parsed = RrrArguments::parse(rrr_news_usage(), words);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& arguments = std::get<RrrArguments>(parsed);
  if (arguments.count("dry-run") > 0)
    throw Error(Kind::refused, "--dry-run is not possible; nothing was done");
  if (const auto local = arguments.value("local")) {
    if (arguments.mentions("remote")) throw Error(Kind::usage, "--local and --remote exclude each other");
    print_news(*local, arguments);
    return 0;
  }
  if (!arguments.mentions("remote")) throw Error(Kind::usage, "give --local=FILE or --remote=ADDRESS");
  std::optional<sys::TempDirectory> passing;
  const auto localroot = arguments.value("localroot");
  if (!localroot) passing.emplace(sys::temp_place() + "/rrr-news-");
  print_news(fetched(arguments, localroot ? *localroot : passing->path()), arguments);
  return 0;
}

}  // namespace recentd::cli
