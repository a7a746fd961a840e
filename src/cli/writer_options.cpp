#include "cli/writer_options.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "settings/values.hpp"

namespace recentd::cli {

std::vector<Option> with_writer_options(std::vector<Option> own) {
  own.insert(own.end(),
             {{"filenameroot", "NAME", "first part of the index files' names (default RECENT)"},
              {"locktimeout", "S", "wait at most so many seconds for a lock (default 600)"},
              {"no-wait", nullptr, "the same as --locktimeout 0"},
              {"fsync", "POLICY", "full (default): a power cut loses nothing; data: index files whole; none"},
              {"json-paths", "HOW", "names in .json: bytes (default, as Perl reads them) or utf8"},
              {"dry-run", nullptr, "say what would be done, write nothing"},
              {"verbose,v", nullptr, "say what is done; twice: more"}});
  return own;
}

Option record_option() {
  return {"record", "LIST", "also keep of each file: size, mtime, digest; with commas"};
}

void set_verbosity(std::size_t count) {
  if (count > 0) Log::set_limit(count > 1 ? Level::debug : Level::info);
}

namespace {

bool wants_utf8_paths(const Arguments& arguments) {
  const auto how = arguments.value("json-paths").value_or("bytes");
  if (how != "bytes" && how != "utf8") {
    throw Error(Kind::usage, cat("--json-paths ", quoted(how), " is neither bytes nor utf8"));
  }
  return how == "utf8";
}

}  // namespace

WriterOptions writer_options(const char* component, const Arguments& arguments) {
  if (arguments.has("no-wait") && arguments.has("locktimeout")) {
    throw Error(Kind::usage, "--no-wait and --locktimeout exclude each other");
  }
  set_verbosity(arguments.count("verbose"));
  WriterOptions options;
  options.locktimeout = arguments.seconds("locktimeout", options.locktimeout);
  if (arguments.has("no-wait")) options.locktimeout = {};
  if (const auto fsync = arguments.value("fsync")) options.fsync = settings::parse_fsync("--fsync", *fsync);
  options.json_paths_utf8 = wants_utf8_paths(arguments);
  if (const auto list = arguments.value("record")) options.record = settings::parse_record("--record", *list);
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
