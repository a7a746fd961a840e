#include "target/promotion.hpp"

#include <recentd/error.hpp>

#include "base/place.hpp"
#include "base/text.hpp"
#include "base/utc.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"
#include "target/quarantine.hpp"

namespace recentd::target {
namespace {

constexpr std::string_view k_since = "promoted: ", k_followed = "followed: ", k_quarantine = "quarantine: ";

std::string note_in(const std::string& target) {
  return cat(target, "/", k_private_name, "/", k_promotion_name);
}

}  // namespace

void note_promotion(const std::string& target, const std::string& upstream, Clock& clock) {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock.now());
  const auto note = note_in(target);
  const auto quarantine = noted_quarantine(target);
  sys::AtomicFile file(note, note + ".new", Fsync::full);
  file.write(cat(
      k_since, utc_text(Utc(now.time_since_epoch())).substr(0, 19), "Z\n", k_followed, escaped(upstream),
      quarantine ? cat("\n", k_quarantine, escaped(*quarantine)) : "",
      "\n\nThis tree was a mirror and is an origin now. To make it a mirror again, say\n    recentd mirror ",
      escaped(upstream), " ", escaped(target),
      " --adopt\nWhat was registered here since is lost with that, and has to be confirmed by "
      "--reset-state.\n"));
  file.commit();
}

std::optional<Promotion> noted_promotion(const std::string& target) {
  const auto note = note_in(target);
  if (!sys::lstat_path(note)) return std::nullopt;
  Promotion found;
  const auto bytes = sys::read_file(note);
  for (const auto line : split(bytes->view(), '\n')) {
    if (line.starts_with(k_since)) found.since = line.substr(k_since.size());
    if (line.starts_with(k_followed)) found.upstream = line.substr(k_followed.size());
    if (line.starts_with(k_quarantine)) found.quarantine = line.substr(k_quarantine.size());
  }
  return found;
}

void forget_promotion(const std::string& target) {
  sys::unlink_file(note_in(target));
}

}  // namespace recentd::target
