#include "mirror/transfer/renewal.hpp"

#include <random>

#include <doctest/doctest.h>

#include "delta/blocks/shelf.hpp"
#include "support/fake_clock.hpp"
#include "support/tools/temp_tree.hpp"
#include "sys/tree/remove_tree.hpp"
#include "unit/delta/blocks/blocks.hpp"
#include "unit/delta/served.hpp"

using namespace recentd;
using namespace recentd::mirror;
using recentd::test::FakeClock;
using recentd::test::TempTree;
using transport::Outcome;
using Nature = transport::Problem::Nature;

namespace {

constexpr std::int64_t k_mtime_s = 784111777;

// A web server's directory, of whose files parts are to be had, too.
class ServedParts : public delta::test::Served {
 public:
  explicit ServedParts(const std::string& root) : Served(root), directory_(root) {}
  std::uint64_t part_bytes = 0;
  bool lies = false;
  std::optional<Nature> trouble;

  transport::RangesResult fetch_ranges(const transport::RangesRequest& request) override {
    if (trouble) return {.message = "trouble", .problem = transport::Problem{*trouble, "trouble"}};
    const auto content = recentd::test::read_file(directory_ + "/" + request.name);
    if (!content || content->size() != request.total_bytes) return {.message = "another version"};
    for (const auto& range : request.ranges) {
      auto part = content->substr(range.from, range.bytes);
      if (lies) part.front() ^= 1;
      part_bytes += part.size();
      request.take(range.from, part);
    }
    return {.complete = true};
  }

 private:
  std::string directory_;
};

std::string noise(std::size_t bytes) {
  std::mt19937 random(7);
  std::string text(bytes, '\0');
  for (auto& c : text) c = static_cast<char>(random());
  return text;
}

// An origin with one large file that has changed, and a mirror that has it as it was.
struct Scene {
  Scene() {
    tree.write("here/d/f", old);
    tree.make_directory("private");
    now[5000] ^= 1;
    now.insert(50'000, "more");
    tree.write("there/d/f", now);
    tree.set_mtime("there/d/f", k_mtime_s, 5);
    options.places.signature_bytes_min = 10'000;
    target.emplace(tree.path("here"));
    origin.emplace(tree.path("there"));
    served.emplace(tree.path("there"));
    sign("1700000000.5");
  }
  void sign(const std::string& epoch) const {
    const blocks::Shelf shelf(*origin, "RECENT", 0);
    REQUIRE(shelf.renew(*RelPath::parse("d/f", sys::any_name()), epoch) != blocks::Shelf::Renewed::none);
  }
  [[nodiscard]] std::string signature() const {
    return "there/RECENT.http/blocks/" + blocks::signature_name("d/f");
  }
  [[nodiscard]] Batch batch(const std::string& epoch,
                            std::vector<std::pair<std::string, std::string>> extras = {}) {
    Step step;
    step.row = events.make_row(*EpochView::parse(epoch), "d/f", EventType::new_);
    if (!extras.empty()) events.set_details(step.row, {{}, std::move(extras)});
    step.texts = &events;
    step.action = Action::transfer;
    step.changed_for_sure = true;
    Batch all("1h", {step});
    all.items.front().path = RelPath::parse("d/f", bookkeeping);
    all.items.front().existed = true;
    all.wanted = {0};
    return all;
  }
  // True if it was brought; then it is right.
  bool bring(Batch& all) {
    const Renewal renewal(options, *target, bookkeeping, tree.path("private/blocks"), *served, clock);
    const auto left = renewal.bring(all);
    if (tree.exists("private/blocks") && !tree.list("private/blocks").empty())
      FAIL_CHECK("something was left over");
    const bool brought = left.empty();
    CHECK(brought == (all.items.front().outcome == Outcome::transferred));
    CHECK(tree.read("here/d/f") == (brought ? now : old));
    if (brought) renewal.sign(all);
    return brought;
  }
  bool bring(const std::string& epoch, std::vector<std::pair<std::string, std::string>> extras = {}) {
    auto all = batch(epoch, std::move(extras));
    return bring(all);
  }

  TempTree tree{"renewal"};
  std::string old = noise(100'000), now = old;
  MirrorOptions options;
  Bookkeeping bookkeeping{"RECENT"};
  EventList events;
  std::optional<sys::Dir> target, origin;
  std::optional<ServedParts> served;
  FakeClock clock;
};

}  // namespace

TEST_SUITE("mirror::renewal") {
  TEST_CASE("only what is new of a large file travels, and it has its time and mode") {
    Scene scene;
    CHECK(scene.bring("1700000000.5"));
    CHECK(scene.served->part_bytes < 5000);
    const auto facts = scene.target->lstat(*RelPath::parse("d/f", sys::any_name()));
    REQUIRE(facts);
    CHECK(facts->mtime_s == k_mtime_s);
    CHECK(facts->mtime_ns == 5);
    CHECK(scene.served->asked_for.size() == 1);
    CHECK_FALSE(scene.tree.exists("here/RECENT.http"));
  }

  TEST_CASE("a mirror that offers something hands the signature on") {
    Scene scene;
    scene.tree.make_directory("here/RECENT.http");
    CHECK(scene.bring("1700000000.5"));
    CHECK(scene.tree.read("here/RECENT.http/blocks/" + blocks::signature_name("d/f")) ==
          scene.tree.read(scene.signature()));
  }

  TEST_CASE("and signs a large file that came as a whole, if it had it before") {
    Scene scene;
    scene.tree.make_directory("here/RECENT.http");
    const std::string name = "here/RECENT.http/blocks/" + blocks::signature_name("d/f");
    const Renewal renewal(scene.options, *scene.target, scene.bookkeeping, scene.tree.path("private/blocks"),
                          *scene.served, scene.clock);
    auto batch = scene.batch("1700000000.5");
    renewal.sign(batch);
    CHECK_FALSE(scene.tree.exists(name));
    batch.items.front().outcome = Outcome::transferred;
    batch.items.front().existed = false;
    renewal.sign(batch);
    CHECK_FALSE(scene.tree.exists(name));
    batch.items.front().existed = true;
    renewal.sign(batch);
    const auto text = scene.tree.read(name);
    REQUIRE(text);
    CHECK(blocks::parse_signature(*text).value().version.epoch == "1700000000.5");
  }

  TEST_CASE("a signature that is older than the event is not used, unless the digest is recorded") {
    Scene scene;
    CHECK_FALSE(scene.bring("1700000000.6"));
    CHECK(scene.served->part_bytes == 0);
    const auto text = scene.tree.read(scene.signature()).value();
    const auto digest = "blake2b-256:" + blocks::parse_signature(text)->version.digest;
    CHECK_FALSE(scene.bring("1700000000.5", {{"digest", "blake2b-256:" + std::string(64, '0')}}));
    CHECK(scene.bring("1700000000.6", {{"digest", digest}}));
  }

  TEST_CASE("neither is one of another size or time than is recorded") {
    Scene scene;
    const auto size = std::to_string(scene.now.size());
    CHECK_FALSE(scene.bring("1700000000.5", {{"size", "100005"}}));
    CHECK_FALSE(scene.bring("1700000000.5", {{"mtime", "784111777.000000006"}, {"size", size}}));
    CHECK(scene.bring("1700000000.5", {{"mtime", "784111777.000000005"}, {"size", size}}));
  }

  TEST_CASE("where nothing tells of a change, a look at size and time comes first, in the ordinary way") {
    Scene scene;
    auto batch = scene.batch("1700000000.5");
    batch.items.front().step.changed_for_sure = false;
    CHECK_FALSE(scene.bring(batch));
    CHECK(scene.served->asked_for.empty());
    auto recorded = scene.batch("1700000000.5", {{"size", std::to_string(scene.now.size())}});
    recorded.items.front().step.changed_for_sure = false;
    CHECK(scene.bring(recorded));
  }

  TEST_CASE("what is no signature, or another file's, leaves the file to the ordinary way") {
    Scene scene;
    const auto text = scene.tree.read(scene.signature()).value();
    for (const auto& wrong : {std::string(), std::string("x"), text.substr(0, text.size() - 1), text + "x",
                              blocks::test::signature_text(scene.now, 1024, 8, "d/g")}) {
      scene.tree.write(scene.signature(), wrong);
      CHECK_FALSE(scene.bring("1700000000.5"));
    }
    scene.tree.remove(scene.signature());
    CHECK_FALSE(scene.bring("1700000000.5"));
    CHECK(scene.served->part_bytes == 0);
  }

  TEST_CASE("parts that do not make the file that was signed are thrown away") {
    Scene scene;
    scene.served->lies = true;
    CHECK_FALSE(scene.bring("1700000000.5"));
    CHECK(scene.served->part_bytes > 0);
  }

  TEST_CASE("a file that changed nearly whole, small ones, new ones and suspects come in the ordinary way") {
    Scene scene;
    auto fresh = scene.batch("1700000000.5");
    fresh.items.front().existed = false;
    CHECK_FALSE(scene.bring(fresh));
    auto suspect = scene.batch("1700000000.5");
    suspect.items.front().suspect = true;
    CHECK_FALSE(scene.bring(suspect));
    CHECK_FALSE(scene.bring("1700000000.5", {{"size", "9999"}}));
    CHECK_FALSE(scene.bring("1700000000.5", {{"link", "elsewhere"}}));
    scene.options.select.max_file_size = 50'000;
    CHECK_FALSE(scene.bring("1700000000.5"));
    CHECK(scene.served->part_bytes == 0);
    scene.options.select.max_file_size = 0;
    scene.now = "other" + std::string(60'000, 'x') + scene.old.substr(0, 30'000);
    scene.tree.write("there/d/f", scene.now);
    scene.sign("1700000000.7");
    scene.old = std::string(20'000, 'y');
    scene.tree.write("here/d/f", scene.old);
    CHECK_FALSE(scene.bring("1700000000.5"));
    CHECK(scene.served->part_bytes == 0);
  }

  TEST_CASE("a source that wishes not to be asked is not asked for the whole file, either") {
    Scene scene;
    scene.served->trouble = Nature::busy;
    auto batch = scene.batch("1700000000.5");
    CHECK_FALSE(scene.bring(batch));
    REQUIRE(batch.problem);
    CHECK(batch.problem->nature == Nature::busy);
    scene.served->trouble = Nature::unreachable;
    auto other = scene.batch("1700000000.5");
    CHECK_FALSE(scene.bring(other));
    CHECK_FALSE(other.problem);
  }
}
