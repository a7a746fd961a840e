#include "watch/decision.hpp"

#include "base/path_hash.hpp"

namespace recentd::watch {

namespace {

// The same file in the same version, or, where nothing is known to have happened, one that the index alone
// knows and that nothing speaks against.
bool is_same(Reason reason, std::optional<Print> known, const UpstreamStatus& status) noexcept {
  if (!known || status.suspicious) return false;
  if (*known == Known::k_unseen) return reason == Reason::compared;
  return *known == print_of(*status.facts);
}

}  // namespace

Print print_of(const sys::FileFacts& facts) noexcept {
  constexpr std::uint64_t k_odd = 0x9E3779B97F4A7C15;
  std::uint64_t print = facts.inode;
  for (const std::uint64_t part :
       {facts.device, facts.size_bytes, static_cast<std::uint64_t>(facts.mtime_s),
        static_cast<std::uint64_t>(facts.mtime_ns), static_cast<std::uint64_t>(facts.type)}) {
    print = (print ^ (print >> 29)) * k_odd + part;
  }
  print = (print ^ (print >> 32)) * k_odd;
  return print == Known::k_unseen ? 1 : print;
}

std::optional<Print> Known::find(std::string_view path) const {
  const auto* const print = prints_.find(path_hash(path));
  return print == nullptr ? std::nullopt : std::optional(*print);
}

void Known::set(std::string_view path, Print print) {
  prints_.insert(path_hash(path)) = print;
}

void Known::erase(std::string_view path) {
  prints_.erase(path_hash(path));
}

bool is_content(const std::optional<sys::FileFacts>& facts) noexcept {
  return facts && (facts->type == sys::FileType::regular || facts->type == sys::FileType::symlink);
}

bool asks_if_under_way(Reason reason, std::optional<Print> known, const UpstreamStatus& status) noexcept {
  const bool regular = status.facts && status.facts->type == sys::FileType::regular;
  return regular && reason != Reason::complete && !is_same(reason, known, status);
}

std::optional<EventType> decide(Reason reason, std::optional<Print> known,
                                const UpstreamStatus& status) noexcept {
  if (!is_content(status.facts)) return known ? std::optional(EventType::delete_) : std::nullopt;
  if (reason == Reason::complete) return EventType::new_;
  if (is_same(reason, known, status)) return std::nullopt;
  // The end of the writing will be told. A file that is replaced in place stays in the index meanwhile.
  if (status.under_way) return std::nullopt;
  return EventType::new_;
}

}  // namespace recentd::watch
