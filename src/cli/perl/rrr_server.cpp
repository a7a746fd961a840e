#include <cstdio>
#include <ctime>

#include <recentd/watch.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/perl/rrr_options.hpp"
#include "sys/process/signals.hpp"
#include "sys/tree/dir.hpp"
#include "tree/tree.hpp"

namespace recentd::cli {

const RrrUsage& rrr_server_usage() {
  using Takes = RrrOption::Takes;
  static const RrrUsage row = {.program = "rrr-server",
                               .synopsis = "[options] principalfile",
                               .operands = 1,
                               .on_error = RrrUsage::OnError::usage_on_stdout_exit_1,
                               .options = {{"verbose|v", Takes::count, "a line on stderr for each event"}}};
  return row;
}

namespace {

// A new name keeps the time of what was written under another one.
constexpr std::int64_t k_tick_ns = 10'000'000;

// The kernel's word for a change, as the reference tells it. Of what was found by a comparison nobody knows
// it.
const char* mask_of(const std::optional<sys::FileFacts>& facts) {
  if (!facts) return "IN_DELETE";
  if (facts->type == sys::FileType::symlink) return "IN_CREATE";
  const std::int64_t written_ns = facts->mtime_s * 1'000'000'000 + facts->mtime_ns;
  return facts->changed_ns - written_ns > k_tick_ns ? "IN_MOVED_TO" : "IN_CLOSE_WRITE";
}

// The reference's lines: `[HH:MM:SS] Updatefile PATH (MASK)`.
class VerboseLines : public WatchObserver {
 public:
  explicit VerboseLines(std::string root) : root_(std::move(root)) {}

  void registered(std::string_view path, EventType type) override {
    const auto facts = type == EventType::delete_ ? std::nullopt : sys::lstat_path(cat(root_, "/", path));
    const char* what = "Updatefile";
    if (type == EventType::delete_) {
      what = "Deleteobj ";
    } else if (facts && facts->type == sys::FileType::symlink) {
      what = "Updatelink";
    }
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    std::fprintf(stderr, "[%02d:%02d:%02d] %s %s (%s)\n", local.tm_hour, local.tm_min, local.tm_sec, what,
                 escaped(path).c_str(), mask_of(facts));
  }

 private:
  std::string root_;
};

}  // namespace

int rrr_server(Words words) {
  const auto parsed = RrrArguments::parse(rrr_server_usage(), words);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& arguments = std::get<RrrArguments>(parsed);
  const bool verbose = arguments.count("verbose") > 0;
  if (verbose) Log::set_limit(Level::info);
  sys::install_stop_handlers();
  WatchObserver quiet;
  VerboseLines lines(open_tree(arguments.operand(0)).root);
  WriterOptions writer;
  // What it says on its own account is about files that are not announced, so it shows in any case.
  writer.on_warning = [](const std::string& message) { Log("watch").warning(message); };
  Watch(arguments.operand(0), {}, writer, system_clock(), verbose ? lines : quiet).run();
  return 0;
}

}  // namespace recentd::cli
