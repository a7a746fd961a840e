#include "audit/doctor/diagnosis.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::audit;
using namespace std::chrono_literals;
using Kind_ = transport::Address::Kind;
using What = SourceFacts::Failure::What;

namespace {

constexpr std::int64_t k_now = 1'700'000'000;

IndexFacts index_of(std::int64_t age_s) {
  IndexFacts index;
  index.levels = {{"RECENT-1h.yaml", 500, true}, {"RECENT-Z.yaml", 0, true}};
  index.newest = Epoch::parse(std::to_string(k_now - age_s));
  index.written = TimePoint(std::chrono::seconds(k_now - age_s));
  index.writer = "recentd 1.0";
  index.records_size = true;
  return index;
}

SourceFacts daemon(std::int64_t age_s = 60) {
  return {.source = "rsync://host/pub",
          .kind = Kind_::daemon,
          .now = TimePoint(std::chrono::seconds(k_now)),
          .rsync = RsyncFacts{.remark = {}, .protocol = 31, .took = 5ms},
          .index = index_of(age_s)};
}

SourceFacts web() {
  auto facts = daemon();
  facts.source = "https://host/some/pub/RECENT.recent";
  facts.kind = Kind_::http;
  facts.rsync.reset();
  facts.web = WebFacts();
  facts.web->version = "HTTP/1.1";
  facts.web->server = "nginx";
  facts.web->status = 200;
  facts.web->versions = facts.web->conditions = facts.web->ranges = true;
  facts.web->ahead_s = 0;
  facts.web->took = 1ms;
  return facts;
}

bool has(const std::vector<std::string>& lines, const std::string& words) {
  for (const auto& line : lines)
    if (line.find(words) != std::string::npos) return true;
  return false;
}

Diagnosis failing(SourceFacts facts, What what, Kind kind) {
  facts.index.reset();
  facts.failure = {what, "why", kind};
  auto diagnosis = diagnose(facts);
  CHECK(diagnosis.fault == kind);
  CHECK(diagnosis.verdict.find("why") != std::string::npos);
  CHECK(diagnosis.configuration.empty());
  CHECK_FALSE(diagnosis.advice.empty());
  return diagnosis;
}

}  // namespace

TEST_SUITE("audit::diagnosis") {
  TEST_CASE("a good source is told with what it is, and what to write for it") {
    for (const auto& facts : {daemon(), web()}) {
      const auto diagnosis = diagnose(facts);
      CHECK_FALSE(diagnosis.fault);
      CHECK(diagnosis.verdict == "can be mirrored");
      CHECK(diagnosis.slow.empty());
      CHECK(has(diagnosis.facts, "its index: RECENT-1h.yaml of 500 bytes, RECENT-Z.yaml"));
      CHECK(has(diagnosis.facts, "written by recentd 1.0"));
      CHECK(has(diagnosis.facts, "60 s ago"));
      CHECK(diagnosis.configuration == "mirrors:\n  pub:\n    source: " + facts.source +
                                           "\n    target: /srv/mirror/pub\n    create: true\n");
    }
    CHECK(has(diagnose(daemon()).facts, "protocol 31 (rsync 3.1 to 3.3)"));
    CHECK(has(diagnose(web()).facts, "HTTP/1.1, and calls itself 'nginx'"));
  }

  TEST_CASE("what is missing over HTTP is slow, and no fault") {
    auto facts = web();
    facts.web->conditions = facts.web->ranges = false;
    facts.web->from_cache = true;
    facts.web->cached_s = 3600;
    facts.web->ahead_s = -300;
    facts.web->took = 200ms;
    facts.index->records_size = false;
    const auto diagnosis = diagnose(facts);
    CHECK_FALSE(diagnosis.fault);
    for (const char* words : {"each poll fetches the whole index of 500 bytes, as the server has no answer",
                              "has to give ranges", "comes from a cache and is 60 min old",
                              "its clock is 5 min behind ours", "--record size,mtime,link"})
      CHECK_MESSAGE(has(diagnosis.slow, words), words);
    CHECK(diagnosis.configuration.find("connections: 8") != std::string::npos);
    facts.web->versions = false;
    CHECK(has(diagnose(facts).slow, "neither ETag nor Last-Modified"));
    facts.web->leads_to = "/elsewhere/";
    CHECK(has(diagnose(facts).slow, "leads on to '/elsewhere/'"));
  }

  TEST_CASE("an index that stands still, lies in the future, is a part, or has gaps, is told") {
    CHECK(diagnose(daemon(100'000)).slow.empty());
    CHECK(has(diagnose(daemon(864'000)).slow, "has not moved for 10 days"));
    CHECK(has(diagnose(daemon(-300)).slow, "lies in the future"));
    auto facts = daemon(864'000);
    facts.index->written = facts.now;  // aggregated, though nothing changes
    CHECK(diagnose(facts).slow.empty());
    facts.index->partial = true;
    facts.index->levels[1].is_here = false;
    facts.index->levels[0].bytes = 5 << 20;
    const auto diagnosis = diagnose(facts);
    for (const char* words : {"a mirror of a part", "not there: RECENT-Z.yaml", "the principal has 5120 KiB"})
      CHECK_MESSAGE(has(diagnosis.slow, words), words);
    facts.index->newest.reset();
    CHECK(has(diagnose(facts).slow, "no event at all"));
  }

  TEST_CASE("a long line and Perl's formats change what is to be written") {
    auto facts = daemon();
    facts.rsync->took = 900ms;
    facts.rsync->remark = "rsync has holes";
    facts.index->common_format = false;
    facts.index->levels[0].file = "RECENT-1h.sto";
    const auto diagnosis = diagnose(facts);
    CHECK(has(diagnosis.slow, "the line is long"));
    CHECK(has(diagnosis.slow, "rsync has holes"));
    CHECK(diagnosis.configuration.find("connections: 4\n    allow_suffix: [\".sto\"]") != std::string::npos);
    CHECK(has(diagnosis.slow, "only Perl understands, '.sto'"));
  }

  TEST_CASE("whether larger levels come as deltas is told where that makes a difference") {
    auto facts = web();
    facts.index->offered = true;
    CHECK(has(diagnose(facts).facts, "offers deltas"));
    CHECK(diagnose(facts).slow.empty());
    facts.index->offered = false;
    CHECK(has(diagnose(facts).slow, "publish_http: true"));
  }

  TEST_CASE("without an index that is said first, with what can be done") {
    const auto diagnosis = failing(daemon(), What::no_index, Kind::missing);
    CHECK(diagnosis.verdict.starts_with("has no index, so it cannot be mirrored by one: "));
    CHECK(has(diagnosis.advice, "ask its operators for an index"));
    CHECK(has(diagnosis.advice, "recentd init TARGET"));
    CHECK(has(failing(web(), What::no_index, Kind::missing).advice, ".../NAME.recent"));
    auto listed = web();
    listed.web->indexes = {"CPAN.recent", "other.recent"};
    CHECK(failing(listed, What::no_index, Kind::missing)
              .advice.front()
              .ends_with("as .../NAME.recent: 'CPAN.recent' 'other.recent'"));
  }

  TEST_CASE("each other fault has its own words") {
    auto facts = daemon();
    facts.rsync->modules = {"CPAN", "debian"};
    CHECK(has(failing(facts, What::no_such_place, Kind::missing).advice, "it has: 'CPAN' 'debian'"));
    facts.rsync->modules.clear();
    CHECK(has(failing(facts, What::no_such_place, Kind::missing).advice, "check the address"));
    CHECK(has(failing(facts, What::wants_password, Kind::transport).advice, "USER@"));
    auto ssh = facts;
    ssh.kind = Kind_::ssh;
    CHECK(has(failing(ssh, What::wants_password, Kind::transport).advice, "`ssh HOST true`"));
    CHECK(has(failing(web(), What::wants_password, Kind::transport).advice, "--netrc"));
    CHECK(has(failing(web(), What::forbidden, Kind::transport).advice, "are welcome"));
    CHECK(has(failing(facts, What::unreachable, Kind::transport).advice, "port 873"));
    CHECK(has(failing(web(), What::unreachable, Kind::transport).advice, "curl -I"));
    CHECK(has(failing(web(), What::page, Kind::corrupt).advice, "a page to log in"));
    CHECK(has(failing(facts, What::broken, Kind::corrupt).advice, "recentd fsck ROOT"));
    CHECK(has(failing(web(), What::untrusted, Kind::transport).advice, "--ca-file"));
    CHECK(has(failing(web(), What::busy, Kind::transport).advice, "with growing pauses"));
    CHECK(has(failing(web(), What::encoded, Kind::transport).advice, "`gzip off`"));
    CHECK(has(failing(facts, What::no_module, Kind::usage).advice, "`rsync HOST::`"));
    facts.rsync->modules = {"CPAN"};
    CHECK(has(failing(facts, What::no_module, Kind::usage).advice, "it has: 'CPAN'"));
    auto led = web();
    led.web->leads_to = "https://other/x";
    led.web->status = 302;
    const auto diagnosis = failing(led, What::leads_elsewhere, Kind::transport);
    CHECK(has(diagnosis.advice, "--http-redirects any`: https://other/x"));
    CHECK(has(diagnosis.facts, "it answers 302"));
  }

  TEST_CASE("a tree is named by the last part of its source that may be a name") {
    auto facts = daemon();
    for (const auto& [source, name] : {std::pair{"host::CPAN", "CPAN"},
                                       {"rsync://host/a/b/", "b"},
                                       {"https://host/x y", "pub"},
                                       {"http://host:8080/", "pub"},
                                       {"/srv/tree/RECENT-6h.yaml", "tree"}}) {
      facts.source = source;
      CHECK(diagnose(facts).configuration.starts_with("mirrors:\n  " + std::string(name) + ":\n"));
    }
  }
}
