#include "http/fetch.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <recentd/error.hpp>

#include "base/link_target.hpp"
#include "base/meter.hpp"
#include "base/text.hpp"
#include "sys/file/bytes.hpp"
#include "sys/file/part_file.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/remove_tree.hpp"
#include "sys/tree/temp_directory.hpp"
#include "sys/wait.hpp"

namespace recentd::http {
namespace {

using transport::Outcome;
using Nature = transport::Problem::Nature;

constexpr int k_setbacks_max = 5;
constexpr double k_grace_s = 0.05;  // of a limited line that a call may be ahead; each call has it anew
constexpr std::chrono::milliseconds k_short_wait{10}, k_long_wait{500};

std::string place_below(const std::string& directory) {
  static std::atomic<unsigned> next{0};
  return cat(directory, "/.FRMRecent-http-", sys::own_pid(), "-", ++next);
}

sys::Dir opened(const std::string& destination, bool keep_dirlinks) {
  sys::Dir directory(destination);
  if (keep_dirlinks) directory.follow_links();
  return directory;
}

// Nothing can be written here, whatever the file.
bool is_our_trouble(int error) {
  return error == ENOSPC || error == EDQUOT || error == EROFS || error == EIO || error == ENOMEM;
}

std::string why(std::string_view name, int error) {
  return Error(Kind::io, cat("cannot put ", quoted(name), " into its place"), {}, error).what();
}

}  // namespace

Fetch::Fetch(HttpTransport& transport, const transport::FetchRequest& request, Purpose purpose)
    : transport_(transport),
      request_(request),
      purpose_(purpose),
      origin_(transport.origin()),
      destination_(opened(request.destination, transport.settings_.keep_dirlinks)),
      own_workshop_(transport.settings_.workshop
                        ? std::string()
                        : place_below(compares() ? sys::temp_place() : request.destination)),
      workshop_(own_workshop_.empty() ? transport.settings_.workshop()
                                      : std::make_shared<Workshop>(own_workshop_, std::string())),
      look_(destination_),
      placing_(workshop_->directory(), destination_, transport.settings_.modes),
      client_(transport.take_client()),
      start_(std::chrono::steady_clock::now()) {
  result_.outcomes.assign(request.names.size(), Outcome::not_tried);
  result_.messages.resize(request.names.size());
}

Fetch::~Fetch() {
  client_->abandon();
  for (std::size_t i = active_.size(); i > 0; --i) transport_.slots_.give_back();
  active_.clear();
  transport_.give_back(std::move(client_));
  if (!own_workshop_.empty()) sys::discard_tree(own_workshop_);
}

void Fetch::note(std::size_t i, Outcome outcome, std::string message) {
  result_.outcomes[i] = outcome;
  result_.messages[i] = std::move(message);
}

void Fetch::break_off(Nature nature, std::string message) {
  if (!result_.problem) result_.problem = transport::Problem{nature, std::move(message)};
}

// Whether nothing more is to be asked for.
bool Fetch::is_over() {
  if (transport_.stop_.requested()) break_off(Nature::stopped, "stopped");
  const auto limit = request_.time_limit.value_or(transport_.settings_.time_limit);
  const auto took = std::chrono::steady_clock::now() - start_;
  if (took > limit)
    break_off(
        Nature::unreachable,
        cat("it took longer than ", std::chrono::duration_cast<std::chrono::seconds>(limit).count(), " s"));
  return given_up_ || result_.problem || (next_ == request_.names.size() && active_.empty());
}

// What has come must not be more than the limit allows, or the next file waits.
bool Fetch::may_begin() const {
  if (request_.bytes_per_s == 0) return true;
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start_;
  return static_cast<double>(received_) <=
         static_cast<double>(request_.bytes_per_s) * (time.count() + k_grace_s);
}

transport::FetchResult Fetch::run() {
  try {
    while (!is_over()) {
      begin_more();
      if (is_over()) break;
      if (active_.empty()) continue;
      for (auto& [listener, end] : client_->run(transport_.stop_.fd(), k_long_wait))
        if (!result_.problem) end_one(static_cast<Download*>(listener), end);
    }
    pay_for_speed();
  } catch (const Error& error) {
    break_off(error.kind() == Kind::transport ? Nature::protocol : Nature::local, error.what());
  }
  return std::move(result_);
}

// libcurl lets a second's worth through at once, and the next call begins anew: so what came faster than the
// limit allows is waited for here.
void Fetch::pay_for_speed() {
  while (!may_begin() && !given_up_ && !result_.problem && !transport_.stop_.requested())
    sys::wait_readable({transport_.stop_.fd()}, k_short_wait);
}

void Fetch::begin_more() {
  while (next_ < request_.names.size() && active_.size() < transport_.settings_.client.connections &&
         !result_.problem) {
    if (!may_begin()) {
      if (active_.empty()) sys::wait_readable({transport_.stop_.fd()}, k_short_wait);
      return;
    }
    if (!begin_one()) return;
  }
}

bool Fetch::take_slot() {
  if (!active_.empty()) return transport_.slots_.take(true);
  const Slots::Waiting waiting(transport_.slots_);
  while (!transport_.slots_.take(false)) {
    sys::wait_readable({transport_.stop_.fd()}, k_short_wait);
    if (is_over()) return false;
  }
  return true;
}

// False if it has to wait.
bool Fetch::begin_one() {
  auto task = task_of(next_);
  if (!task) {
    ++next_;
    return true;
  }
  if (!take_slot()) return false;
  auto download = std::make_unique<Download>(std::move(*task), origin_, *workshop_);
  curl::Listener* const listener = download.get();
  const auto& active = active_.emplace(listener, Active{next_++, std::move(download)}).first->second;
  client_->start(active.download->request(), *active.download);
  return true;
}

bool Fetch::may_be_same(const sys::FileFacts& here, const transport::Expected& expected) const {
  return here.type == sys::FileType::regular && request_.compare == transport::FetchRequest::Compare::times &&
         !transport_.settings_.compares_content && !expected.changed &&
         (!expected.size_bytes || *expected.size_bytes == here.size_bytes);
}

// Whether a directory has the name that is not to go.
bool Fetch::is_blocked(std::size_t i, const sys::FileFacts& here) {
  if (here.type != sys::FileType::directory) return false;
  const auto entries = destination_.list(request_.names[i]);
  if (!entries || entries->empty()) return false;
  note(i, Outcome::in_the_way, "a directory that is not empty has its name here");
  return true;
}

// What is to be asked for a name; nothing if it is settled without.
std::optional<Task> Fetch::task_of(std::size_t i) {
  const auto& name = request_.names[i];
  const bool index = request_.kind == transport::FetchRequest::Kind::index;
  const auto there = request_.below.empty() ? name : cat(request_.below, "/", name);
  Task task{.name = there, .index = index, .max_bytes = request_.max_file_bytes};
  if (!request_.expected.empty()) task.expected = request_.expected[i];
  const auto path = RelPath::parse(name, sys::any_name());
  if (!path) {
    note(i, Outcome::failed, "no file can have this name");
    return std::nullopt;
  }
  const auto here = request_.apart ? std::nullopt : look_.lstat(*path);
  if (here && is_blocked(i, *here)) return std::nullopt;
  if (!task.expected.link.empty() || (compares() && here && here->type == sys::FileType::symlink)) {
    compares() ? compare_link(i, here) : make_link(i, here);
    return std::nullopt;
  }
  const auto& size = task.expected.size_bytes;
  if (size && task.max_bytes != 0 && *size > task.max_bytes) {
    note(i, Outcome::skipped_size);
    return std::nullopt;
  }
  if (index) {
    auto known = transport_.validators_.conditions(name, here);
    task.conditions = std::move(known.headers);
    task.time = known.time;
    task.past_caches = request_.below.empty();
    task.look_first = request_.look_first && here && here->type == sys::FileType::regular;
  }
  if (here && !index && may_be_same(*here, task.expected)) task.here = here;
  task.look_only = compares() && (request_.compare == transport::FetchRequest::Compare::times || !here);
  const auto parallel = std::min(request_.names.size(), transport_.settings_.client.connections);
  if (request_.bytes_per_s != 0)
    task.bytes_per_s = std::max<std::uint64_t>(request_.bytes_per_s / parallel, 1);
  return task;
}

void Fetch::make_link(std::size_t i, const std::optional<sys::FileFacts>& here) {
  const auto& name = request_.names[i];
  const auto& expected = request_.expected[i];
  if (!link_stays(name, expected.link)) return note(i, Outcome::skipped_link);
  if (here && here->type == sys::FileType::symlink &&
      sys::read_link(destination_.path() + "/" + name) == expected.link)
    return note(i, Outcome::unchanged);
  const auto made = workshop_->fresh();
  sys::make_part_link(workshop_->path(made), expected.link, expected.mtime);
  place(i, made);
}

// What a link says is in the index alone, so without its word nothing is said of it.
void Fetch::compare_link(std::size_t i, const std::optional<sys::FileFacts>& here) {
  const auto& link = request_.expected.empty() ? std::string() : request_.expected[i].link;
  const bool same = link.empty() || (here && here->type == sys::FileType::symlink &&
                                     sys::read_link(destination_.path() + "/" + request_.names[i]) == link);
  note(i, same || !link_stays(request_.names[i], link) ? Outcome::unchanged : Outcome::transferred);
}

void Fetch::compare_content(std::size_t i, Download& download) {
  if (download.task().look_only) return note(i, Outcome::transferred);
  const auto made = download.made();
  const auto path = *RelPath::parse(request_.names[i], sys::any_name());
  const auto here = look_.lstat(path);
  const bool same = here && here->type == sys::FileType::regular &&
                    sys::same_content(workshop_->path(made), destination_.path() + "/" + path.text());
  workshop_->discard(made);
  note(i, same ? Outcome::unchanged : Outcome::transferred);
}

void Fetch::end_one(Download* download, const curl::End& end) {
  const auto at = active_.find(download);
  if (download->goes_on(end)) return client_->start(download->request(), *download);
  settle(at->second.name, *download);
  active_.erase(at);
  transport_.slots_.give_back();
}

void Fetch::settle(std::size_t i, Download& download) {
  const auto& result = download.result();
  if (result.problem) {
    if (!result_.problem) result_.problem = result.problem;
    return;
  }
  setbacks_ = result.setback ? setbacks_ + 1 : 0;
  if (result.outcome == Outcome::transferred) {
    if (compares()) return compare_content(i, download);
    if (download.task().index) return take_index(i, download);
    return place(i, download.made());
  }
  if (download.task().look_first && result.outcome == Outcome::differs) note_seen(i, download.answer());
  note(i, result.outcome, result.message);
  if (setbacks_ >= k_setbacks_max) break_off(Nature::unreachable, result.message);
}

void Fetch::note_seen(std::size_t i, const Head& answer) {
  result_.seen.resize(request_.names.size());
  result_.seen[i] = transport::Seen{answer.range->total.value_or(0), answer.modified};
  transport_.validators_.note_seen(request_.names[i], answer);
}

// An index that says what the one here says leaves that alone.
void Fetch::take_index(std::size_t i, Download& download) {
  const auto& name = request_.names[i];
  const auto made = download.made();
  const auto here = destination_.path() + "/" + name;
  if (sys::same_content(workshop_->path(made), here))
    note(i, Outcome::unchanged);
  else
    place(i, made);
  if (result_.outcomes[i] == Outcome::unchanged || result_.outcomes[i] == Outcome::transferred)
    transport_.validators_.note(name, download.answer(), sys::lstat_path(here));
}

void Fetch::place(std::size_t i, const std::string& made) {
  using Result = sys::Placing::Result;
  const auto& name = request_.names[i];
  const auto facts = sys::lstat_path(workshop_->path(made));
  const auto bytes = facts ? facts->size_bytes : 0;
  received_ += bytes;
  result_.bytes += bytes;
  if (request_.kind == transport::FetchRequest::Kind::content) meter().add(0, bytes);
  const auto result = placing_.place(made, *RelPath::parse(name, sys::any_name()));
  if (result == Result::placed) return note(i, Outcome::transferred);
  if (result == Result::in_the_way)
    return note(i, Outcome::in_the_way, "a directory that is not empty has its name here");
  const int error = placing_.why();
  if (is_our_trouble(error)) return break_off(Nature::local, why(name, error));
  note(i, Outcome::failed, why(name, error));
}

}  // namespace recentd::http
