#include "audit/content_check.hpp"

#include <algorithm>
#include <random>

#include "lib/sodium/file_digest.hpp"
#include "sys/process/process.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/source.hpp"

namespace recentd::audit {
namespace {

constexpr std::size_t k_files_in_a_call = 5000;

// Asks about paths in calls of a bearable size.
class Inquiry {
 public:
  Inquiry(const ContentCheck& check, const std::string& root, Clock& clock)
      : check_(check),
        root_(root),
        source_(upstream::split_source(check.source)),
        runner_(clock.stop()),
        there_(upstream::make_comparer(transport::Address::parse(source_.directory), check.connect,
                                       {.runner = runner_, .stop = clock.stop()})) {}

  void ask(std::string path) {
    names_.names.push_back(std::move(path));
    if (names_.names.size() == k_files_in_a_call) flush();
  }
  std::vector<std::string> take() {
    flush();
    std::sort(found_.begin(), found_.end());
    return std::move(found_);
  }

 private:
  void flush() {
    if (names_.names.empty()) return;
    using Difference = transport::Comparer::Difference;
    const auto problem = there_->compare(root_, names_, check_.by, [&](const Difference& difference) {
      if (difference.what == Difference::What::differs) found_.push_back(difference.name);
    });
    if (problem) throw upstream::to_error(*problem, source_.text);
    names_.names.clear();
  }

  const ContentCheck& check_;
  std::string root_;
  upstream::SourceSpec source_;
  sys::SystemProcessRunner runner_;
  std::unique_ptr<transport::Comparer> there_;
  transport::Comparer::Names names_;
  std::vector<std::string> found_;
};

// A digest of another kind is none.
bool is_misread(const IndexView& view, const NewestEvents::Entry& entry, const Bookkeeping& bookkeeping,
                const sys::Dir& root) {
  if (entry.value.type != EventType::new_ || entry.value.keys == 0) return false;
  const auto recorded = view.recorded(entry).digest;
  const auto path = RelPath::parse(entry.path(), bookkeeping);
  if (!path || !recorded.starts_with("blake2b-256:")) return false;
  const auto digest = sodium::file_digest(root, *path);
  return digest && *digest != recorded;
}

}  // namespace

std::vector<std::string> misread(IndexView& view, const Bookkeeping& bookkeeping, const sys::Dir& root) {
  std::vector<std::string> found;
  view.table().for_each([&](const NewestEvents::Entry& entry) {
    if (entry.value.seen != 0 && is_misread(view, entry, bookkeeping, root)) found.emplace_back(entry.path());
  });
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> misread(IndexView& view, const Bookkeeping& bookkeeping, const sys::Dir& root,
                                 std::vector<std::string> paths) {
  std::erase_if(paths, [&](const std::string& path) {
    const auto* entry = view.table().find(path);
    return entry == nullptr || !is_misread(view, *entry, bookkeeping, root);
  });
  return paths;
}

std::vector<std::string> differing(const ContentCheck& check, const std::string& root, NewestEvents& table,
                                   Clock& clock) {
  Inquiry inquiry(check, root, clock);
  std::minstd_rand chance(std::random_device{}());
  std::uniform_int_distribution<std::uint32_t> below(0, 9999);
  table.for_each([&](const NewestEvents::Entry& entry) {
    if (entry.value.type == EventType::new_ && entry.value.seen != 0 && below(chance) < check.sample)
      inquiry.ask(std::string(entry.path()));
  });
  return inquiry.take();
}

std::vector<std::string> differing(const ContentCheck& check, const std::string& root,
                                   std::vector<std::string> paths, Clock& clock) {
  Inquiry inquiry(check, root, clock);
  for (auto& path : paths) inquiry.ask(std::move(path));
  return inquiry.take();
}

}  // namespace recentd::audit
