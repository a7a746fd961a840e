#include <cstdio>
#include <map>

#include "base/count.hpp"
#include "base/log.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "cli/finding_output.hpp"
#include "cli/fsck_options.hpp"
#include "cli/json_output.hpp"
#include "cli/view/progress.hpp"
#include "sys/process/signals.hpp"

namespace recentd::cli {

namespace {

// At most `most` of each kind.
void for_each_shown(const audit::FsckReport& report, std::uint64_t most,
                    const std::function<void(const audit::Finding&)>& each) {
  std::map<audit::Check, std::uint64_t> shown;
  audit::for_each_finding(report, [&](const audit::Finding& finding) {
    if (++shown[finding.check] <= most) each(finding);
  });
}

// What no repair can change.
void remark_on(const audit::FsckReport& report) {
  const Log log("fsck");
  if (report.nameless > 0)
    log.warning(cat(report.nameless, " files or directories have paths that are too long for any index"));
  if (report.passed_over > 0)
    log.warning(cat(report.passed_over, " events name nothing that a tree can hold; they count for nothing"));
  for (const auto why : LeftOut::k_all)
    if (const auto remark = report.left_out.remark(why)) log.warning(*remark);
}

void print_lines(const audit::FsckReport& report, std::uint64_t most, bool verbose) {
  for_each_shown(report, most, print_finding);
  remark_on(report);
  if (!verbose) return;
  std::puts(cat(escaped(report.root), ": ", counted(report.files_on_disk, "file"), " on disk, ",
                report.files_in_index, " in the index, ", counted(report.events, "event"), ", ",
                counted(report.total(), "finding"), ", ", counted(report.busy, "path"), " too busy to judge")
                .c_str());
}

void print_json(const audit::FsckReport& report, std::uint64_t most, const std::string& repaired) {
  FindingsJson findings;
  for_each_shown(report, most, [&](const audit::Finding& finding) { findings.add(finding); });
  std::puts(JsonObject()
                .name("tree", report.root)
                .boolean("clean", report.total() == 0)
                .number("files_on_disk", report.files_on_disk)
                .number("files_in_index", report.files_in_index)
                .number("events", report.events)
                .number("passed_over", report.passed_over)
                .number("nameless", report.nameless)
                .number("left_out", report.left_out.count())
                .number("busy", report.busy)
                .number("differences", report.total())
                .raw("repaired", repaired)
                .raw("findings", findings.str())
                .str()
                .c_str());
}

[[noreturn]] void fail_with(const audit::FsckReport& report) {
  std::fflush(stdout);
  const auto index = report.index.size();
  const auto look = cat("; `recentd fsck ", shell_word(report.root),
                        " --repair=index --dry-run` shows what would mend that, if the disk is right");
  if (index > 0)
    throw Error(Kind::corrupt, cat(counted(index, "finding"), " in the index files of ", quoted(report.root),
                                   ", ", counted(report.total() - index, "other"), look));
  throw Error(Kind::incomplete,
              cat(counted(report.total(), "difference"), " in ", quoted(report.root), look));
}

// What a repair does, told as it is done, and counted.
class Deeds {
 public:
  explicit Deeds(const FsckWish& wish)
      : shown_(!wish.json && (wish.verbose || wish.options.writer.dry_run)),
        dry_run_(wish.options.writer.dry_run) {}

  void tell(const audit::RepairAction& action) {
    ++counts_[action.what];
    if (shown_)
      std::puts(cat(dry_run_ ? "would " : "", verb(action.what),
                    single_line(action.what == What::index_file ? action.text : escaped(action.text)))
                    .c_str());
  }
  [[nodiscard]] bool shown() const noexcept { return shown_; }
  [[nodiscard]] std::string json() const {
    JsonObject object;
    for (const auto& [what, name] : k_names) {
      const auto found = counts_.find(what);
      object.number(name, found == counts_.end() ? 0 : found->second);
    }
    return object.str();
  }

 private:
  using What = audit::RepairAction::What;
  static constexpr std::pair<What, const char*> k_names[] = {
      {What::index_file, "index_files"}, {What::deleted_event, "deletes"}, {What::new_event, "news"},
      {What::fetched, "fetched"},        {What::removed, "removed"},       {What::cleared, "cleared"}};

  static const char* verb(What what) {
    switch (what) {
      case What::index_file:
        return "";
      case What::deleted_event:
        return "register delete ";
      case What::new_event:
        return "register new ";
      case What::fetched:
        return "fetch ";
      case What::removed:
        return "remove ";
      case What::cleared:
        break;
    }
    return "clear ";
  }

  bool shown_, dry_run_;
  std::map<What, std::uint64_t> counts_;
};

audit::FsckReport perform(FsckWish& wish, Deeds& deeds) {
  wish.options.on_action = [&](const audit::RepairAction& action) { deeds.tell(action); };
  switch (wish.repair) {
    case FsckWish::Repair::index:
      return audit::repair_index(wish.options, wish.source, system_clock());
    case FsckWish::Repair::disk:
      return audit::repair_disk(wish.options, wish.source, system_clock());
    case FsckWish::Repair::none:
      break;
  }
  return audit::fsck(wish.options.check, system_clock());
}

}  // namespace

int cmd_fsck(Words words) {
  const auto arguments = Arguments::parse(fsck_usage(), words);
  if (!arguments) return 0;
  auto wish = fsck_wish(*arguments);
  sys::install_stop_handlers();
  Deeds deeds(wish);
  const auto report = with_progress(*arguments, deeds.shown(), [&] { return perform(wish, deeds); });
  if (wish.json)
    print_json(report, wish.shown_max, deeds.json());
  else
    print_lines(report, wish.shown_max, wish.verbose);
  if (report.total() > 0) fail_with(report);
  return 0;
}

}  // namespace recentd::cli
