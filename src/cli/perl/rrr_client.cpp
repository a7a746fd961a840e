#include <cstring>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/mirror_run.hpp"
#include "cli/options.hpp"
#include "cli/perl/rrr_options.hpp"
#include "service/verbose_observer.hpp"
#include "settings/values.hpp"
#include "sys/process/signals.hpp"

namespace recentd::cli {

namespace {

using service::VerboseObserver;

}  // namespace

const RrrUsage& rrr_client_usage() {
  using Takes = RrrOption::Takes;
  static const RrrUsage row = {
      .program = "rrr-client",
      .synopsis = "[options]\n  rrr-client --source some.mirror::module/ --target /some/dir/",
      .operands = 0,
      .on_error = RrrUsage::OnError::usage_on_stdout_exit_1,
      .options = {
          {"allow-suffix", Takes::value, "read an index that is .sto or .dd, too (repeatable)"},
          {"max-files-per-connection", Takes::value, "files in one rsync call (default 20000)"},
          {"maximum-time-per-loop", Takes::value,
           "transfer for so many seconds before looking for fresh events again (default 20)"},
          {"minimum-time-per-loop", Takes::value, "a loop takes at least so many seconds (default 20)"},
          {"password", Takes::value, "the daemon's password (others may see it: better set RSYNC_PASSWORD)"},
          {"rsync-timeout", Takes::value, "rsync gives up after so many silent seconds (default 30)"},
          {"runstatusfile", Takes::value, "rewritten after each pass"},
          {"skip-deletes", Takes::negatable, "keep files that were deleted at the source"},
          {"source", Takes::value, "rsync address, ends with / or with the name of an index file"},
          {"target", Takes::value, "the directory to keep up to date; must exist"},
          {"tmpdir", Takes::value, "for fetched index files, on the target's file system"},
          {"user", Takes::value, "user name for the source"},
          {"verbose", Takes::negatable, "say what is done"},
          {"verboselog", Takes::value, "say it in this file (appended) instead of stderr"}}};
  return row;
}

namespace {

// `ps` shows a process's arguments to everybody.
void wipe_password(Words words, const std::string& password) {
  for (char* word : words) {
    const std::size_t size = std::strlen(word);
    if (std::string_view(word, size).ends_with(password)) {
      std::memset(word + size - password.size(), 'x', password.size());
    }
  }
}

std::string with_user(const std::string& source, const std::optional<std::string>& user) {
  if (!user) return source;
  for (const std::string_view scheme : {"rsync://", "https://", "http://"})
    if (source.starts_with(scheme)) return cat(scheme, *user, "@", source.substr(scheme.size()));
  return cat(*user, "@", source);
}

// One of the two times per loop.
std::chrono::nanoseconds seconds_of(const RrrArguments& arguments, const char* name) {
  const auto text = arguments.value(name);
  return text ? settings::parse_seconds(cat("--", name), *text) : std::chrono::seconds(20);
}

MirrorOptions options_from(const RrrArguments& arguments) {
  MirrorOptions options;
  options.source = with_user(*arguments.value("source"), arguments.value("user"));
  options.target = *arguments.value("target");
  options.places.target_must_exist = true;
  options.connect.max_files_per_connection = 20000;
  options.poll.sleep_per_connection = std::chrono::milliseconds(420);
  if (const auto text = arguments.value("max-files-per-connection")) {
    options.connect.max_files_per_connection =
        static_cast<std::size_t>(settings::parse_number("--max-files-per-connection", *text, 1));
  }
  if (const auto text = arguments.value("rsync-timeout")) {
    options.connect.rsync_timeout = std::chrono::seconds(settings::parse_number("--rsync-timeout", *text, 1));
  }
  options.poll.work_limit = seconds_of(arguments, "maximum-time-per-loop");
  options.poll.loopinterval = seconds_of(arguments, "minimum-time-per-loop");
  options.poll.first_must_work = true;  // what comes after the first index is survived
  options.connect.rsync_options = {"compress"};
  for (const auto& suffix : arguments.values("allow-suffix"))
    options.connect.allow_suffixes.push_back(settings::parse_allowed_suffix("--allow-suffix", suffix));
  options.connect.password = arguments.value("password");
  options.deletes.limit = DeleteLimit::none();  // as the reference, which has no way to accept them later
  options.deletes.skip = arguments.count("skip-deletes") > 0;
  options.places.tempdir = arguments.value("tmpdir").value_or("");
  options.places.status_file = arguments.value("runstatusfile").value_or("");
  return options;
}

}  // namespace

int rrr_client(Words words) {
  const auto parsed = RrrArguments::parse(rrr_client_usage(), words);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& arguments = std::get<RrrArguments>(parsed);
  if (!arguments.mentions("source") || !arguments.mentions("target"))
    return answer_wrong_usage(rrr_client_usage());
  const auto options = options_from(arguments);
  if (options.connect.password) {
    wipe_password(words, *options.connect.password);
    Log("mirror").warning("--password shows to everybody who lists processes; set RSYNC_PASSWORD instead");
  }
  sys::install_stop_handlers();
  const bool verbose =
      arguments.mentions("verbose") ? arguments.count("verbose") > 0 : arguments.mentions("verboselog");
  VerboseObserver observer(verbose ? VerboseObserver::Output::everything : VerboseObserver::Output::nothing,
                           absolute(options.target), arguments.value("verboselog").value_or(""));
  Mirror mirror(options, system_clock(), observer);
  mirror.run_loop();
  return 0;
}

}  // namespace recentd::cli
