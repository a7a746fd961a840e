#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>

#include "settings/config.hpp"

namespace recentd::audit {

// What is to be known of the machine and of who asks, whatever tree is meant. Values.
struct MachineFacts {
  std::string user = {};
  bool root = false;
  bool service_user = false;  // there is a user recentd, as whom the units work
  std::string home = {};      // of the user
  bool home_there = true;
  std::string config_words = {};  // " -c FILE", if a configuration was named: for commands
  unsigned umask = 022;

  std::string rsync = {};         // the program that was looked for
  std::string rsync_error = {};   // why it will not do; empty: it will
  std::string rsync_remark = {};  // what is odd about it

  TimePoint now{};
  std::optional<bool> clock_kept = {};

  std::size_t trees = 0;
  std::optional<std::uint64_t> descriptors_max = {};

  // An origin that is watched, with a number of its directories.
  struct Watched {
    std::string root;
    std::uint64_t directories = 0;
  };
  std::vector<Watched> watched = {};
  std::optional<std::uint64_t> watches_max = {};

  bool serves = false;  // there is a tree that others may follow
  std::vector<std::uint16_t> ports = {};
};

// Looks. Throws Error{io}.
MachineFacts look_at_machine(const settings::Config& config, const ConnectOptions& options, Clock& clock);

}  // namespace recentd::audit
