#include "origin/settings.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "codec/codec.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_max_levels = 32;

Interval parsed(const std::string& spec) {
  if (const auto interval = Interval::parse(spec)) return *interval;
  throw Error(Kind::usage, cat(recentd::quoted(spec), " is no interval like 1h, 6h, 1d or Z"));
}

}  // namespace

void check_settings(const OriginSettings& settings) {
  const std::string& root = settings.filenameroot;
  if (root.empty() || root.find('/') != std::string::npos || root.find('\0') != std::string::npos ||
      root.front() == '.') {
    throw Error(Kind::usage,
                cat("the filenameroot ", recentd::quoted(root), " has to be a plain name like RECENT"));
  }
  if (!codec::format_of_suffix(settings.serializer_suffix)) {
    throw Error(Kind::usage, cat("the suffix ", recentd::quoted(settings.serializer_suffix),
                                 " is none of .yaml, .json, .sto, .dd"));
  }
  if (settings.protocol != 0 && settings.protocol != 1) {
    throw Error(Kind::usage, cat("protocol ", settings.protocol, " is unknown; there are 0 and 1"));
  }
  if (settings.canonize && *settings.canonize != "naive_path_normalize") {
    throw Error(Kind::usage,
                cat("canonize can only be naive_path_normalize, not ", recentd::quoted(*settings.canonize)));
  }
  // It is written into the index, where every reader meets it.
  for (const std::string& spec : settings.aggregator) (void)parsed(spec);
}

std::vector<Interval> checked_levels(const OriginSettings& settings, bool allow_no_z) {
  check_settings(settings);
  std::vector<Interval> all{parsed(settings.interval)};
  for (const std::string& spec : settings.aggregator) {
    const Interval interval = parsed(spec);
    for (const Interval& other : all) {
      if (other.seconds() == interval.seconds() && !(other == interval)) {
        throw Error(Kind::usage,
                    cat(other.spec(), " and ", interval.spec(), " are the same length; leave one out"));
      }
    }
    all.push_back(interval);
  }
  std::vector<Interval> levels = level_order(all.front(), settings.aggregator);
  if (levels.size() > k_max_levels) {
    throw Error(Kind::usage, cat(levels.size(), " levels are more than ", k_max_levels));
  }
  if (!levels.back().is_z() && !allow_no_z) {
    throw Error(Kind::usage,
                "the aggregator has no Z, so older files would drop out of the index; add it, or say --no-z");
  }
  return levels;
}

}  // namespace recentd
