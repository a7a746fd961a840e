#include "mirror/follow/adoption.hpp"

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "target/place.hpp"
#include "tree/find.hpp"
#include "upstream/kinship.hpp"
#include "upstream/probe.hpp"
#include "upstream/problem_error.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

// The index that is visible in the target; without `level` it cannot be read, and `message` says why.
struct VisibleIndex {
  std::string file;  // of the principal, as far as it is known
  std::optional<LevelContent> level;
  std::string message;
};

VisibleIndex visible_index(const std::string& target) {
  VisibleIndex found;
  try {
    const auto principal = find_principal(target, {});
    found.file = principal.name.file();
    found.level = read_level(principal, Reader::mirror);
    if (!found.level) found.message = cat("its ", quoted(found.file), " is missing");
  } catch (const Error& error) {
    found.message = error.what();
  }
  return found;
}

[[noreturn]] void refuse_stranger(const std::string& target, const std::string& reason) {
  throw Error(Kind::refused,
              cat("target ", quoted(target), " holds an index and no state of a mirror: ", reason,
                  ". It is an origin, or the operands are swapped (they are SOURCE TARGET); nothing was "
                  "changed. If it "
                  "is a copy of the source's tree after all, add --adopt"),
              target);
}

// The principal that the probe fetched.
LevelContent fetched(const upstream::Probe::Result& result) {
  const auto bytes = sys::read_file(result.file);
  const auto format = codec::format_of_suffix(result.facts->suffix);
  return read_level_bytes(bytes, format ? *format : codec::sniff(bytes->view()), result.file, Reader::mirror);
}

// Which objection there is to its being a mirror of that source. Throws Error if that cannot be told.
std::optional<std::string> objection(const VisibleIndex& index, upstream::Probe& probe,
                                     const upstream::Upstreams::Upstream& upstream) {
  const auto result = probe.look(*upstream.transport, upstream.source, index.file);
  if (result.problem) throw upstream::to_error(*result.problem, upstream.source.text);
  if (!result.facts)
    throw Error(Kind::missing,
                cat("source ", quoted(upstream.source.text), ": ", result.message,
                    "; the target holds an index, which has to be compared with it (or add --adopt)"));
  return upstream::why_no_mirror(*index.level, fetched(result));
}

// One of several sources may lag, or be away.
void demand_kinship(const std::string& target, const VisibleIndex& index, upstream::Probe& probe,
                    const upstream::Upstreams& upstreams) {
  std::optional<std::string> reason;
  std::optional<Error> trouble;
  for (std::size_t i = 0; i < upstreams.size(); ++i) {
    try {
      const auto found = objection(index, probe, upstreams.at(i));
      if (!found) return;
      if (!reason) reason = found;
    } catch (const Error& error) {
      if (!trouble) trouble = error;
    }
  }
  if (!reason) throw Error(*trouble);
  refuse_stranger(target, *reason);
}

}  // namespace

void adopt_index(const target::TargetDirectory& directory, const MirrorOptions& options,
                 const upstream::Upstreams& upstreams) {
  using target::Tenant;
  const auto tenant = directory.tenant();
  if (tenant != Tenant::stranger && tenant != Tenant::promoted) return;
  const auto index = visible_index(directory.target());
  if (!options.places.adopt) {
    if (!index.level) refuse_stranger(directory.target(), index.message);
    const auto& own = directory.index_directory();
    upstream::Probe probe(own + "/probe", own + "/index", options.connect.allow_suffixes,
                          options.connect.max_index_size);
    demand_kinship(directory.target(), index, probe, upstreams);
  }
  k_log.info("the index in the target becomes that of a mirror", {{"target", directory.target()}});
}

}  // namespace recentd::mirror
