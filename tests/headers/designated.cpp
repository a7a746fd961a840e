// Each struct of the public headers can be made with designated initialisers that name one member alone,
// without a warning: tools/check-headers compiles this. A member that has no initial value warns.

#include <recentd/index_set.hpp>
#include <recentd/mirror.hpp>
#include <recentd/recentfile.hpp>
#include <recentd/watch.hpp>

namespace recentd {

void settings() {
  (void)OriginSettings{.interval = "1h"};
  (void)Record{.size = true};
  (void)WriterOptions{.json_paths = JsonPaths::utf8};
  (void)UpdateRequest{.path = "a"};
  (void)InitOptions{.force = true};
  (void)Conversion{.comment = "of this tree"};
  (void)WatchOptions{.batch_size = 1};
  (void)RecentfileSettings{.localroot = "/srv/pub"};
  (void)EventFilter{.max = 1};
  (void)EventFilter{.contains = {.path = "a"}};
}

void mirror_options() {
  (void)PollOptions{.first_must_work = true};
  (void)ConnectOptions{.connections = 2};
  (void)SelectOptions{.max_events = 1};
  (void)DeleteOptions{.prune = true};
  (void)HookOptions{.overlap = HookOptions::Overlap::allow};
  (void)PlaceOptions{.fsync = Fsync::none};
  (void)FileOptions{.chmod = {}};
  (void)MirrorOptions{.source = "host::pub"};
  (void)MirrorOptions{.poll = {.max_errors = 1}, .deletes = {.quarantine = "/srv/deleted"}};
}

void reports(const Epoch& epoch) {
  (void)Event{.epoch = epoch};
  (void)Event{.epoch = epoch, .type = EventType::delete_};
  (void)EventsInfo{.first = Event{.epoch = epoch}};
  (void)LevelOverview{.events = 1, .newest = epoch, .oldest = epoch};
  (void)NewsFollower::Look{.rewritten = true};
  (void)UpdateReport{.registered = 1};
  (void)AggregateReport{.merged_into = {"6h"}};
  (void)InitReport{.files = 1};
  (void)ConversionReport{.moved_to = "/var/lib/recentd"};
  (void)MirrorReport{.up_to_date = true};
  (void)RecentfileMeta{.interval = "1h"};
  (void)RecentfileMeta::Merged{.epoch = "1"};
  (void)RecentfileMeta::Minmax{.max = "1"};
  (void)Rsync::Fetched{.name = "a"};
}

// One value after the other is a way, too.
void update(Origin& origin) {
  origin.batch_update({{"a", EventType::new_, {}}, {.path = "b"}});
}

}  // namespace recentd
