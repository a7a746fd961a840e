#include "audit/doctor/diagnosis.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utc.hpp"

namespace recentd::audit {
namespace {

using Address = transport::Address;
using What = SourceFacts::Failure::What;

constexpr std::int64_t k_skew_s = 60;  // more shows in what is believed of the future
constexpr std::int64_t k_still_s = std::int64_t{2} * 24 * 3600;  // an index that did not move for so long
constexpr std::int64_t k_cached_s = 5;
constexpr std::uint64_t k_large_principal = std::uint64_t{1} << 20;
constexpr std::chrono::milliseconds k_far{50};

std::int64_t seconds_between(TimePoint from, TimePoint to) {
  return std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
}

// "3 s", "5 min", "2 h", "4 days": as much as it takes to have an idea.
std::string about(std::int64_t seconds) {
  if (seconds < 120) return cat(seconds, " s");
  if (seconds < 7200) return cat(seconds / 60, " min");
  if (seconds < 172800) return cat(seconds / 3600, " h");
  return cat(seconds / 86400, " days");
}

std::string kilobytes(std::uint64_t bytes) {
  return bytes < 10240 ? cat(bytes, " bytes") : cat(bytes / 1024, " KiB");
}

std::string in_milliseconds(std::chrono::nanoseconds time) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  return cat(micros / 1000, ".", (micros % 1000) / 100, " ms");
}

std::string time_of(TimePoint time) {
  return utc_text(std::chrono::time_point_cast<std::chrono::microseconds>(time));
}

// The releases that speak it.
std::string rsync_versions(int protocol) {
  if (protocol >= 32) return "3.4 or newer";
  if (protocol == 31) return "3.1 to 3.3";
  if (protocol == 30) return "3.0";
  return "older than 3.0";
}

const char* kind_of(Address::Kind kind) {
  switch (kind) {
    case Address::Kind::daemon:
      return "an rsync daemon";
    case Address::Kind::ssh:
      return "an rsync over ssh";
    case Address::Kind::http:
      return "a web server";
    case Address::Kind::local:
      break;
  }
  return "a directory of this machine";
}

void tell_rsync(const RsyncFacts& rsync, Diagnosis& diagnosis) {
  if (rsync.protocol > 0)
    diagnosis.facts.push_back(cat("it speaks rsync's protocol ", rsync.protocol, " (rsync ",
                                  rsync_versions(rsync.protocol), "); a listing took ",
                                  in_milliseconds(rsync.took)));
  if (!rsync.remark.empty()) diagnosis.slow.push_back(cat("here: ", rsync.remark));
  if (rsync.took > 4 * k_far)
    diagnosis.slow.push_back(
        "the line is long: transfer side by side with `connections: 4`, if its operators do not mind; where "
        "the same directory is shown by a web server, `poll_url` makes each poll a single round trip");
}

void tell_web(const WebFacts& web, const std::optional<IndexFacts>& index, Diagnosis& diagnosis) {
  auto& facts = diagnosis.facts;
  facts.push_back(cat("it speaks ", web.version.empty() ? "no HTTP that is known" : web.version,
                      web.server.empty() ? "" : cat(", and calls itself ", quoted(web.server)),
                      "; a request on a kept connection took ", in_milliseconds(web.took)));
  auto& slow = diagnosis.slow;
  if (!web.leads_to.empty()) {
    slow.push_back(cat("it leads on to ", quoted(web.leads_to),
                       " with each request; the source is better named as it is there"));
    return;
  }
  facts.push_back(cat("it ", web.ranges ? "gives parts of files" : "does not give parts of files",
                      web.conditions ? ", and answers 304 where nothing has changed"
                                     : ", and does not answer 304 where nothing has changed"));
  if (!web.conditions) {
    const auto bytes = index && !index->levels.empty() ? index->levels.front().bytes : 0;
    slow.push_back(cat("each poll fetches the whole index of ", kilobytes(bytes),
                       web.versions ? ", as the server has no answer to If-None-Match or If-Modified-Since"
                                    : ", as the server tells neither ETag nor Last-Modified",
                       "; conf/nginx-origin.conf and conf/apache-origin.conf show what it needs"));
  }
  if (!web.ranges)
    slow.push_back(
        "a large file that is cut begins anew, and a file that is here already is fetched to be compared: "
        "the server has to give ranges (Accept-Ranges: bytes)");
  if (web.from_cache && web.cached_s > k_cached_s)
    slow.push_back(
        cat("the index comes from a cache and is ", about(web.cached_s),
            " old: it has to be served with Cache-Control: no-cache, or be asked for behind the cache"));
  if (web.ahead_s && std::abs(*web.ahead_s) > k_skew_s)
    slow.push_back(cat("its clock is ", about(std::abs(*web.ahead_s)),
                       web.ahead_s > 0 ? " ahead of" : " behind", " ours; one of the two needs NTP"));
  if (index && !index->records_size)
    slow.push_back(
        "the index records no sizes and times, and no links: each file that is here already costs a request "
        "to be compared, and a symbolic link arrives as the file that it leads to. Ask the origin for "
        "`--record "
        "size,mtime,link` with init, update and watch");
}

void tell_levels(const IndexFacts& index, Diagnosis& diagnosis) {
  std::string levels, missing;
  for (const auto& level : index.levels) {
    if (level.is_here)
      levels += cat(levels.empty() ? "" : ", ", level.file,
                    level.bytes > 0 ? cat(" of ", kilobytes(level.bytes)) : std::string());
    if (!level.is_here) missing += cat(missing.empty() ? "" : ", ", level.file);
  }
  diagnosis.facts.push_back(cat("its index: ", levels));
  if (!missing.empty())
    diagnosis.slow.push_back(
        cat("levels that its index names are not there: ", missing,
            ". That is usual for a young tree; else `recentd aggregate` has to run at the "
            "origin every minute"));
  if (!index.levels.empty() && index.levels.front().bytes > k_large_principal)
    diagnosis.slow.push_back(cat("the principal has ", kilobytes(index.levels.front().bytes),
                                 ", which is fetched or compared after each change; an origin with a shorter "
                                 "interval, as by `recentd convert --interval 1h`, makes that small"));
}

// How the levels and what is in them come.
void tell_form(const IndexFacts& index, Diagnosis& diagnosis) {
  const auto& file = index.levels.front().file;
  if (!index.common_format)
    diagnosis.slow.push_back(
        cat("its index is in a format that only Perl understands, ", quoted(file.substr(file.rfind('.'))),
            ", and is read if it is allowed, as below; `recentd convert --serializer-suffix .yaml` at the "
            "origin makes it one for all"));
  if (index.offered == true)
    diagnosis.facts.emplace_back("it offers deltas of its larger levels, so news cost few bytes");
  if (index.offered == false)
    diagnosis.slow.emplace_back(
        "its larger levels come as a whole each time they change: ask the origin for `publish_http: true`, "
        "or "
        "--http with init and aggregate, which offers deltas of them");
}

void tell_index(const IndexFacts& index, const SourceFacts& facts, Diagnosis& diagnosis) {
  tell_levels(index, diagnosis);
  tell_form(index, diagnosis);
  if (!index.writer.empty()) diagnosis.facts.push_back(cat("written by ", index.writer));
  if (index.partial)
    diagnosis.slow.push_back("it is a mirror of a part of a tree: what it leaves out is not to be had here");
  if (!index.newest) {
    diagnosis.slow.push_back(
        "the index tells no event at all: the tree is empty, or nobody announces its files");
    return;
  }
  const auto newest = TimePoint(std::chrono::seconds(index.newest->key().seconds));
  const auto age = seconds_between(newest, facts.now);
  diagnosis.facts.push_back(
      age >= 0
          ? cat("the newest event is of ", time_of(newest), ", ", about(age), " ago")
          : cat("the newest event is of ", time_of(newest), ", which is ", about(-age), " in the future"));
  if (age < -k_skew_s)
    diagnosis.slow.push_back(
        "its newest event lies in the future: the origin's clock is wrong, or ours; one of the two needs "
        "NTP");
  const auto written = index.written ? seconds_between(*index.written, facts.now) : age;
  if (age > k_still_s && written > k_still_s)
    diagnosis.slow.push_back(cat("the index has not moved for ", about(std::min(age, written)),
                                 ": is `recentd watch`, or whoever announces changes there, still running? "
                                 "`max_age: 2d` tells when that happens"));
}

// The last part of the source's path that may name a tree.
std::string name_of(const std::string& source) {
  std::string_view text = source;
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    const auto path = text.find('/', scheme + 3);
    text = path == std::string_view::npos ? std::string_view() : text.substr(path);
  }
  while (text.ends_with('/')) text.remove_suffix(1);
  if (text.ends_with(".recent") || text.ends_with(".yaml") || text.ends_with(".json"))
    text = text.substr(0, std::min(text.rfind('/'), text.size()));
  const auto cut = text.find_last_of("/:");
  const auto name = cut == std::string_view::npos ? text : text.substr(cut + 1);
  const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  return plain ? std::string(name) : "pub";
}

std::string configuration_for(const SourceFacts& facts) {
  const auto name = name_of(facts.source);
  std::string text = cat("mirrors:\n  ", name, ":\n    source: ", facts.source, "\n    target: /srv/mirror/",
                         name, "\n    create: true\n");
  if (facts.rsync && facts.rsync->took > 4 * k_far) text += "    connections: 4\n";
  if (facts.web && facts.web->took > k_far) text += "    connections: 8\n";
  if (facts.index && !facts.index->common_format) {
    const auto& file = facts.index->levels.front().file;
    text += cat("    allow_suffix: [\"", file.substr(file.rfind('.')), "\"]\n");
  }
  return text;
}

void advise_without_index(const SourceFacts& facts, Diagnosis& diagnosis) {
  auto& advice = diagnosis.advice;
  advice.emplace_back(
      "ask its operators for an index: `recentd init ROOT` once and `recentd watch ROOT` for good, on the "
      "machine that has the files; it disturbs nobody who does not know it");
  advice.emplace_back(
      "or mirror it as you do today (rsync, ftpsync ...), and make an index of your copy for those who "
      "follow you: `recentd init TARGET`, then `recentd watch TARGET`");
  if (facts.web && !facts.web->indexes.empty()) {
    std::string all;
    for (const auto& name : facts.web->indexes) all += " " + quoted(name);
    advice.insert(advice.begin(),
                  cat("name one of the indexes that the listing shows, as .../NAME.recent:", all));
  }
  advice.emplace_back(cat("or name the directory that has one: it holds a file RECENT.recent",
                          facts.kind == Address::Kind::http
                              ? "; an index of another name has to be named: .../NAME.recent"
                              : ""));
}

// What to do about a fault, but for a missing index.
std::string advice_for(const SourceFacts& facts) {
  const bool http = facts.kind == Address::Kind::http;
  switch (facts.failure->what) {
    case What::no_index:
      break;
    case What::no_module:
    case What::no_such_place:
      if (facts.rsync && !facts.rsync->modules.empty()) {
        std::string all;
        for (const auto& module : facts.rsync->modules) all += " " + quoted(module);
        return cat("name one of the modules that it has:", all);
      }
      if (facts.failure->what == What::no_module)
        return "write rsync://HOST/MODULE; see whether `rsync HOST::` lists modules, and whether a firewall "
               "lets "
               "port 873 through";
      return "check the address, its last parts above all";
    case What::wants_password:
      if (facts.kind == Address::Kind::ssh)
        return "see whether `ssh HOST true` works without a question, as the user who runs the mirror";
      return http ? "write https://USER@HOST/... and name the password's file with "
                    "--password-file, or use --netrc"
                  : "write USER@ in front of the host and name the password's file with "
                    "--password-file";
    case What::forbidden:
      return "ask its operators whether mirrors are welcome; files and directories have to be readable for "
             "the server";
    case What::unreachable:
      return http ? "see whether the host has that name and port, and whether `curl -I` reaches it from here"
                  : "see whether the host has that name and port, and whether a firewall lets port 873 (or "
                    "ssh) through; where rsync's port is closed, ask for the same directory over https";
    case What::leads_elsewhere:
      return cat("name that address as the source, or allow it by `--http-redirects any`: ",
                 facts.web->leads_to);
    case What::untrusted:
      return "name the authority that vouches for its certificate by --ca-file; if the certificate has "
             "expired, or "
             "is another host's, its operators have to renew it";
    case What::busy:
      return "ask again later; a mirror does so by itself, with growing pauses. If it stays so, ask its "
             "operators "
             "whether mirrors are welcome, or follow another mirror";
    case What::encoded:
      return "ask its operators to serve files as they are, to who asks for no encoding: `gzip off` and no "
             "`add_header Content-Encoding` in nginx, `SetEnv no-gzip 1` in Apache; conf/nginx-origin.conf "
             "and "
             "conf/apache-origin.conf show it";
    case What::page:
      return "ask for the address under which files are served: a page to log in, a front page or a listing "
             "stands in place of each of them here";
    case What::broken:
      return "tell its operators: `recentd fsck ROOT` there says what is wrong with the index";
  }
  return {};
}

}  // namespace

Diagnosis diagnose(const SourceFacts& facts) {
  Diagnosis diagnosis;
  diagnosis.facts.push_back(cat("it is ", kind_of(facts.kind)));
  if (facts.rsync) tell_rsync(*facts.rsync, diagnosis);
  if (facts.web && facts.web->status != 0) {
    if (facts.failure)
      diagnosis.facts.push_back(
          cat("it answers ", facts.web->status,
              facts.web->server.empty() ? "" : cat(", and calls itself ", quoted(facts.web->server))));
    else
      tell_web(*facts.web, facts.index, diagnosis);
  }
  if (facts.failure) {
    const bool no_index = facts.failure->what == What::no_index;
    diagnosis.fault = facts.failure->kind;
    diagnosis.verdict =
        cat(no_index ? "has no index, so it cannot be mirrored by one: " : "cannot be mirrored: ",
            facts.failure->message);
    diagnosis.slow.clear();
    if (no_index)
      advise_without_index(facts, diagnosis);
    else
      diagnosis.advice.push_back(advice_for(facts));
    return diagnosis;
  }
  diagnosis.verdict = "can be mirrored";
  if (facts.index) tell_index(*facts.index, facts, diagnosis);
  diagnosis.configuration = configuration_for(facts);
  return diagnosis;
}

}  // namespace recentd::audit
