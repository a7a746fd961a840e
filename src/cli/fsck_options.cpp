#include "cli/fsck_options.hpp"

#include <iostream>

#include "base/directories.hpp"
#include "base/text.hpp"
#include "cli/source_options.hpp"
#include "cli/view/progress.hpp"
#include "cli/writer_options.hpp"
#include "settings/filter_rules.hpp"
#include "settings/values.hpp"

namespace recentd::cli {

namespace {

using Repair = FsckWish::Repair;

Repair repair_of(const Arguments& arguments) {
  const auto what = arguments.value("repair").value_or("");
  if (what == "index") return Repair::index;
  if (what == "disk") return Repair::disk;
  if (!what.empty() || arguments.has("repair"))
    throw Error(Kind::usage, cat("--repair ", quoted(what), " is neither index nor disk"));
  return Repair::none;
}

// "12", "12%" or "0.5%" as so many of 10,000.
std::uint32_t sample_of(const std::string& text) {
  auto digits = std::string_view(text);
  if (digits.ends_with('%')) digits.remove_suffix(1);
  const auto share = is_plain_decimal(digits) ? EpochView::parse(digits) : std::nullopt;
  const auto hundredths = share ? approximate(*share) * 100 : 0;
  if (hundredths < 1 || hundredths > 10000)
    throw Error(Kind::usage, cat("--sample ", quoted(text), " is no share between 0.01% and 100%"));
  return static_cast<std::uint32_t>(hundredths + 0.5);
}

void check_words(const Arguments& arguments, Repair repair) {
  const auto demand = [&](const char* option, bool fits, const char* other) {
    if (arguments.has(option) && !fits) throw Error(Kind::usage, cat("--", option, " goes with ", other));
  };
  const bool source = arguments.has("from") || arguments.has("upstream");
  const bool content = arguments.has("checksum") || arguments.has("sample");
  demand("from", repair == Repair::index || (repair == Repair::none && content),
         "--repair=index or --checksum");
  demand("upstream", repair == Repair::disk || (repair == Repair::none && content),
         "--repair=disk or --checksum");
  demand("yes", repair == Repair::disk, "--repair=disk");
  demand("http", repair == Repair::index, "--repair=index");
  demand("sig-min-size", repair == Repair::index, "--repair=index");
  demand("dirty", repair == Repair::index, "--repair=index");
  demand("accept-unmounted", repair == Repair::index, "--repair=index");
  for (const char* option : {"max-delete", "dry-run", "locktimeout", "no-wait", "fsync", "json-paths"})
    demand(option, repair != Repair::none, "--repair");
  demand("sample", source, "--upstream or --from");
  if (!source) refuse_source_options(arguments, "--upstream or --from");
  if (repair == Repair::disk && !arguments.has("upstream"))
    throw Error(Kind::usage, "--repair=disk needs --upstream SOURCE: where missing files come from");
  if (arguments.has("from") && arguments.has("upstream"))
    throw Error(Kind::usage, "--from and --upstream exclude each other");
}

// Asks once for all; the end of the input is no.
std::function<bool(const std::string&, std::uint64_t)> ask_once() {
  return [answer = std::optional<bool>()](const std::string& path, std::uint64_t left) mutable {
    if (!answer) {
      std::cerr << "Remove " << left << " files that the index does not name, first " << quoted(path)
                << "? [y/N] " << std::flush;
      std::string line;
      answer = std::getline(std::cin, line) && (line == "y" || line == "yes");
    }
    return *answer;
  };
}

}  // namespace

const Usage& fsck_usage() {
  static const Usage row = {
      .command = "fsck",
      .operands = "ROOT",
      .summary =
          "Compares a tree with its index both ways, and the index files with each other; repairs what is\n"
          "wrong if it is told what the truth is. Silent if all is well. Ends with code 4 if something is\n"
          "wrong with the index files, with 9 if only files differ. The tree may change meanwhile: what\n"
          "differs is looked at again before it is told.",
      .example = "recentd fsck /srv/pub --repair=index --dry-run",
      .options = with_writer_options(with_source_options(
          {{"repair", "WHAT", "index: the disk is the truth; disk: the index is (needs --upstream)"},
           {"from", "SOURCE", "with --repair=index: broken or lost index files come from this mirror"},
           {"upstream", "SOURCE", "with --repair=disk: missing files come from here"},
           {"max-delete", "N|P%", "refuse to repair by more deletes (default 10%, at least 1000; none)"},
           {"yes", nullptr, "with --repair=disk: remove files without asking"},
           rarely(
               {"accept-unmounted", "PATH",
                "with --repair=index: the file system that was mounted there is gone for good (repeatable)"}),
           rarely({"dirty", nullptr,
                   "with --repair=index: files get their mtime as epoch; a full pass for each mirror"}),
           writer_option("http", "with --repair=index: "),
           writer_option("sig-min-size", "with --repair=index: "),
           rarely({"state", "DIR",
                   "where broken index files, and what is mounted in the tree, are kept (default: the state "
                   "directory)"}),
           {"checksum", nullptr,
            "compare the files' content with --from or --upstream, or else with the digests of the index"},
           rarely({"sample", "P%",
                   "compare this share of the files with it, by size and time or by --checksum"}),
           {"filter", "RULE", "which files are judged, as with watch (repeatable)"},
           rarely({"findings", "N", "show at most so many of each kind (default 100)"}),
           {"json", nullptr, "one JSON object instead of lines"},
           progress_option(),
           rarely({"settle", "S", "look again after so many seconds at what differs (default 5)"}),
           rarely(
               {"threads", "N", "read the tree with so many threads (default: one for each processor)"})}))};
  return row;
}

FsckWish fsck_wish(const Arguments& arguments) {
  FsckWish wish;
  wish.repair = repair_of(arguments);
  check_words(arguments, wish.repair);
  wish.source = arguments.value("from").value_or(arguments.value("upstream").value_or(""));
  wish.json = arguments.has("json");
  wish.verbose = arguments.has("verbose");
  wish.shown_max = static_cast<std::uint64_t>(arguments.number("findings", 100, 0));
  auto& options = wish.options;
  options.writer = writer_options("fsck", arguments);
  options.connect = source_connect(arguments);
  options.state_directory = arguments.value("state").value_or("");
  if (const auto limit = arguments.value("max-delete"))
    options.max_delete = settings::parse_delete_limit("--max-delete", *limit);
  options.dirty = arguments.has("dirty");
  if (!arguments.has("yes")) options.confirm = ask_once();
  auto& check = options.check;
  check.tree = arguments.operand(0);
  check.filenameroot = arguments.value("filenameroot");
  for (const auto& rule : arguments.values("filter")) settings::add_rule("--filter", rule, check.filter);
  check.state_directory = options.state_directory;
  for (const auto& path : arguments.values("accept-unmounted"))
    check.accept_unmounted.insert(without_trailing_slash(path));
  check.settle = arguments.seconds("settle", check.settle);
  check.threads = static_cast<unsigned>(arguments.number("threads", 0, 0));
  check.digests = arguments.has("checksum") && wish.source.empty();
  if (!wish.source.empty() && (arguments.has("checksum") || arguments.has("sample"))) {
    using By = transport::Comparer::By;
    check.content = audit::ContentCheck{wish.source, options.connect,
                                        arguments.has("checksum") ? By::checksum : By::size_and_time,
                                        sample_of(arguments.value("sample").value_or("100%"))};
  }
  return wish;
}

}  // namespace recentd::cli
