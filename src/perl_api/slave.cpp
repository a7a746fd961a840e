#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/path.hpp>
#include <recentd/recentfile.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "perl_api/impl.hpp"
#include "service/verbose_observer.hpp"
#include "state/state_store.hpp"
#include "sys/tree/dir.hpp"
#include "sys/tree/remove_tree.hpp"
#include "sys/tree/temp_directory.hpp"
#include "transport/address.hpp"
#include "upstream/level_facts.hpp"

namespace recentd {

namespace {

constexpr std::int64_t k_longest_wait_s = 300;
constexpr std::size_t k_index_bytes_max = std::size_t{8} << 30;

// Another clock's time, with a wish to end of its own.
class PieceClock : public Clock {
 public:
  explicit PieceClock(Clock& clock) : clock_(clock) {}
  [[nodiscard]] TimePoint now() const override { return clock_.now(); }
  [[nodiscard]] std::chrono::nanoseconds steady() const override { return clock_.steady(); }
  void sleep_for(std::chrono::nanoseconds duration) override { clock_.sleep_for(duration); }
  [[nodiscard]] const Stop& stop() const override { return stop_; }

  void end() noexcept { stop_.request(); }
  void heed() noexcept {
    if (clock_.stop().requested()) end();
  }

 private:
  Clock& clock_;
  Stop stop_;
};

// Ends the work once a connection has brought something.
class PieceObserver : public service::VerboseObserver {
 public:
  PieceObserver(PieceClock& clock, Output output, const std::string& root, const std::string& log)
      : VerboseObserver(output, root, log), clock_(clock) {}
  void batch_started(std::string_view interval, std::size_t files) override {
    VerboseObserver::batch_started(interval, files);
    clock_.heed();
  }
  void file_synced(std::string_view interval, std::string_view path, bool existed) override {
    VerboseObserver::file_synced(interval, path, existed);
    clock_.end();
  }

 private:
  PieceClock& clock_;
};

std::string needed_remoteroot(const Recentfile& file) {
  auto root = file.remoteroot();
  if (root.empty())
    throw Error(Kind::usage, cat("no upstream to mirror ", escaped(file.localroot()),
                                 " from; set remote_host, remote_module and remote_dir, or the remoteroot"));
  return root;
}

bool mirror_piece(MirrorOptions options, Clock& clock, service::VerboseObserver::Output output,
                  const std::string& log) {
  // With a rest, however short, no connection begins while another one is under way.
  options.poll.sleep_per_connection =
      std::max(options.poll.sleep_per_connection, std::chrono::nanoseconds(1));
  PieceClock own(clock);
  own.heed();
  PieceObserver observer(own, output, options.target, log);
  try {
    return Mirror(options, own, observer).run_once().up_to_date;
  } catch (const Error& error) {
    if (error.kind() == Kind::incomplete && own.stop().is_set() && !clock.stop().is_set()) return false;
    throw;
  }
}

}  // namespace

void Recentfile::Impl::drop_copy() {
  if (!copy.empty()) sys::discard_file(copy);
  copy.clear();
}

LevelFile Recentfile::Impl::readable() const {
  LevelFile level = file();
  if (copy.empty()) return level;
  const auto slash = copy.rfind('/');
  if (const auto name = split_level_name(copy.substr(slash + 1))) return {copy.substr(0, slash), *name};
  return level;
}

MirrorOptions Recentfile::Impl::mirror_options() const {
  MirrorOptions options;
  options.target = settings.localroot;
  options.places.target_must_exist = true;
  options.connect.rsync_options = settings.rsync_options;
  options.select.ignore_link_stat_errors = settings.ignore_link_stat_errors;
  options.poll.ttl = settings.ttl;
  options.poll.loopinterval = settings.loopinterval;
  options.connect.max_files_per_connection = settings.max_files_per_connection;
  options.poll.sleep_per_connection = settings.sleep_per_connection;
  options.poll.max_errors = settings.max_rsync_errors;
  options.places.tempdir = settings.tempdir;
  if (settings.serializer_suffix == ".sto" || settings.serializer_suffix == ".dd")
    options.connect.allow_suffixes = {settings.serializer_suffix};
  return options;
}

std::optional<state::MirrorState> Recentfile::Impl::state() const {
  return state::StateStore(file().root + "/.recentd", Fsync::none).load();
}

bool Recentfile::is_slave() const {
  return impl_->settings.is_slave.value_or(!remoteroot().empty());
}

std::optional<TimePoint> Recentfile::have_mirrored() const {
  return impl_->have_mirrored;
}

bool Recentfile::ttl_reached() const {
  return !impl_->have_mirrored || impl_->clock.now() - *impl_->have_mirrored > impl_->settings.ttl;
}

std::vector<Event> Recentfile::recent_events(const EventFilter& filter, EventsInfo* info) {
  if (is_slave() && ttl_reached()) {
    const std::string fresh = get_remote_recentfile_as_tempfile();
    impl_->drop_copy();
    impl_->copy = fresh;
  }
  return recentd::recent_events(impl_->copy.empty() ? rfile() : impl_->copy, filter, info);
}

Rsync& Recentfile::rsync() {
  const std::string source = needed_remoteroot(*this);
  const auto& options = impl_->settings.rsync_options;
  if (!impl_->rsync || impl_->rsync_source != source || impl_->rsync_options != options) {
    impl_->rsync = std::make_unique<Rsync>(source, options);
    impl_->rsync_source = source;
    impl_->rsync_options = options;
  }
  return *impl_->rsync;
}

std::string Recentfile::get_remote_recentfile_as_tempfile() {
  const auto& own = impl_->settings;
  const std::string directory = own.tempdir.empty() ? localroot() : own.tempdir;
  const sys::TempDirectory place(directory + "/.FRMRecent-");
  const std::string name = rfilename(), fresh = place.path() + "/" + name;
  // Beside the others under a name that no mirror takes for content, and that still tells the level.
  const std::string temp = directory + "/" +
                           LevelName{place.path().substr(directory.size() + 1) + "-" + own.filenameroot,
                                     own.interval, own.serializer_suffix}
                               .file();
  const auto fetched = rsync().fetch({name}, place.path()).front();
  if (fetched.outcome != Rsync::Outcome::transferred && fetched.outcome != Rsync::Outcome::unchanged)
    throw Error(
        Kind::missing,
        cat("source ", quoted(transport::Address::without_password(remoteroot())), " has no ", quoted(name)),
        name);
  const auto bytes = sys::read_file(fresh, k_index_bytes_max);
  const auto format = codec::format_of_suffix(own.serializer_suffix);
  (void)upstream::inspect(bytes, format ? *format : codec::sniff(bytes->view()), fresh);
  sys::rename_file(fresh, temp);
  impl_->have_mirrored = impl_->clock.now();
  un_register_rsync_error();
  return temp;
}

std::string Recentfile::get_remotefile(const std::string& relative_path) {
  if (mirror_path({relative_path})) return local_path(relative_path);
  throw Error(Kind::missing,
              cat("source ", quoted(transport::Address::without_password(remoteroot())), " has no ",
                  quoted(relative_path)),
              relative_path);
}

bool Recentfile::mirror_path(const std::vector<std::string>& paths) {
  const Bookkeeping bookkeeping(impl_->settings.filenameroot);
  for (const std::string& path : paths) {
    RelPath::Flaw flaw = RelPath::Flaw::none;
    if (!RelPath::parse(path, bookkeeping, &flaw))
      throw Error(Kind::refused, cat(quoted(path), " is not fetched: ", describe(flaw)), path);
  }
  const auto fetched = rsync().fetch(paths, localroot());
  un_register_rsync_error();
  return std::ranges::all_of(fetched, [](const Rsync::Fetched& file) {
    return file.outcome == Rsync::Outcome::transferred || file.outcome == Rsync::Outcome::unchanged;
  });
}

bool Recentfile::mirror(const EventFilter& filter, MirrorExtent extent) {
  using Output = service::VerboseObserver::Output;
  auto options = impl_->mirror_options();
  const std::string root = needed_remoteroot(*this);
  options.source = root + (root.back() == '/' ? "" : "/") + impl_->settings.filenameroot + ".recent";
  options.select.after = filter.after;
  options.select.before = filter.before;
  options.select.max_events = filter.max;
  options.deletes.skip = filter.skip_deletes;
  const bool verbose = impl_->settings.verbose || !impl_->settings.verboselog.empty();
  const auto output = verbose ? Output::everything : Output::nothing;
  bool up_to_date = false;
  if (extent == MirrorExtent::piece) {
    up_to_date = mirror_piece(std::move(options), impl_->clock, output, impl_->settings.verboselog);
  } else {
    service::VerboseObserver observer(output, localroot(), impl_->settings.verboselog);
    up_to_date = Mirror(options, impl_->clock, observer).run_once().up_to_date;
  }
  // What is here now is newer than any copy that was fetched before.
  impl_->drop_copy();
  impl_->have_mirrored = impl_->clock.now();
  un_register_rsync_error();
  return up_to_date;
}

Done Recentfile::done() const {
  const auto state = impl_->state();
  if (!state) return {};
  for (const auto& level : state->levels)
    if (level.interval == impl_->settings.interval) return level.done;
  return {};
}

std::map<std::string, std::string> Recentfile::delayed_operations() const {
  std::map<std::string, std::string> out;
  const auto state = impl_->state();
  if (!state) return out;
  for (const auto& [path, pending] : state->deletes)
    if (pending.interval == impl_->settings.interval) out.emplace(path, pending.epoch.text());
  return out;
}

void Recentfile::seed() {
  impl_->seeded = true;
}
void Recentfile::unseed() {
  impl_->seeded = false;
}
bool Recentfile::seeded() const {
  return impl_->seeded;
}

bool Recentfile::uptodate() {
  if (impl_->was_uptodate && !impl_->seeded) return true;
  impl_->was_uptodate = false;
  const auto level = read_level(impl_->readable(), Reader::mirror);
  if (!level) return false;
  const bool covered = !level->newest() || done().covers(*level->newest(), *level->oldest());
  impl_->was_uptodate = covered && delayed_operations().empty();
  return impl_->was_uptodate;
}

void Recentfile::register_rsync_error(const std::string& error) {
  ++impl_->rsync_errors;
  const auto most = impl_->settings.max_rsync_errors;
  if (most >= 0 && impl_->rsync_errors >= std::max<std::int64_t>(most, 1))
    throw Error(Kind::transport,
                cat("rsync failed ", impl_->rsync_errors, " times in a row, last: ", single_line(error)));
  const auto wait =
      std::min(k_longest_wait_s, std::int64_t{1} << std::min<std::int64_t>(impl_->rsync_errors - 1, 20));
  Log("mirror").warning(cat("rsync failed ", impl_->rsync_errors, " times in a row, waiting ", wait,
                            " s: ", single_line(error)));
  impl_->clock.sleep_for(std::chrono::seconds(wait));
}

void Recentfile::un_register_rsync_error() {
  impl_->rsync_errors = 0;
}

}  // namespace recentd
