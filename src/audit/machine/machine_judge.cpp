#include "audit/machine/machine_judge.hpp"

#include <algorithm>
#include <iterator>

#include "base/count.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "base/utc.hpp"

namespace recentd::audit {

namespace {

constexpr std::uint16_t k_rsync_port = 873;
constexpr std::uint64_t k_descriptors_of_tree = 20, k_descriptors_of_service = 64;

void append(std::vector<MachineFinding>& all, MachineFindings findings) {
  std::ranges::move(findings.take(), std::back_inserter(all));
}

MachineFindings judge_user(const MachineFacts& facts) {
  MachineFindings user("user");
  if (facts.root && facts.service_user)
    user.odd("you are root, to whom nothing is closed, and the units work as recentd: ask as that user, too",
             {cat("runuser -u recentd -- recentd doctor", facts.config_words)});
  else
    user.good(cat("you are ", facts.user));
  if (!facts.home_there)
    user.odd(cat("the home ", quoted(facts.home), " of ", facts.user,
                 " does not exist; ssh and rsync look for keys and settings there"),
             facts.home.empty() ? std::vector<std::string>{}
                                : std::vector<std::string>{cat("install -d -o ", shell_word(facts.user), " ",
                                                               shell_word(facts.home))});
  constexpr unsigned k_read_by_others = 044;
  if ((facts.umask & k_read_by_others) != 0)
    user.odd("your umask keeps new directories and index files from others, who are to be served from them",
             {"umask 022"});
  return user;
}

MachineFindings judge_rsync(const MachineFacts& facts) {
  MachineFindings rsync("rsync");
  if (!facts.rsync_error.empty())
    rsync.bad(Kind::transport, facts.rsync_error, {"apt install rsync", "rsync --version"});
  else if (!facts.rsync_remark.empty())
    rsync.odd(facts.rsync_remark, {"apt update && apt install --only-upgrade rsync"});
  else
    rsync.good(cat(quoted(facts.rsync), " is new enough"));
  return rsync;
}

MachineFindings judge_clock(const MachineFacts& facts) {
  constexpr std::int64_t k_first_day = 1'763'769'600;  // of this program: no clock that is right tells less
  MachineFindings clock("clock");
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(facts.now.time_since_epoch()).count();
  const auto time = utc_text(std::chrono::time_point_cast<std::chrono::microseconds>(facts.now));
  if (seconds < k_first_day)
    clock.bad(Kind::config, cat("it says ", time, ", which is long past; events are ordered by it"),
              {"timedatectl set-ntp true"});
  else if (facts.clock_kept == false)
    clock.odd(cat("it says ", time,
                  ", and the kernel does not know that NTP keeps it right (in a container it never does)"),
              {"timedatectl set-ntp true", "timedatectl timesync-status"});
  else
    clock.good(cat("it says ", time));
  return clock;
}

MachineFindings judge_descriptors(const MachineFacts& facts) {
  MachineFindings descriptors("descriptors");
  if (!facts.descriptors_max) return descriptors;
  const auto wanted = k_descriptors_of_service + facts.trees * k_descriptors_of_tree;
  if (*facts.descriptors_max < wanted)
    descriptors.odd(cat("a process may have ", *facts.descriptors_max, ", and ", counted(facts.trees, "tree"),
                        facts.trees == 1 ? " needs " : " need ", wanted),
                    {cat("ulimit -n ", wanted), "systemctl edit recentd   # [Service] LimitNOFILE=65536"});
  else
    descriptors.good(cat("a process may have ", *facts.descriptors_max));
  return descriptors;
}

MachineFindings judge_watches(const MachineFacts& facts) {
  MachineFindings watches("watches");
  if (facts.watched.empty() || !facts.watches_max) return watches;
  std::uint64_t needed = 0;
  for (const auto& tree : facts.watched) needed += tree.directories;
  constexpr std::uint64_t k_reserve = 10'000;
  if (needed < *facts.watches_max)
    watches.good(
        cat("a user may have ", *facts.watches_max, ", and what is watched has ", needed, " directories"));
  else
    watches.odd(
        cat("what is watched has ", needed, " directories, and a user may have ", *facts.watches_max,
            " watches: the others are looked at now and then alone"),
        {cat("echo fs.inotify.max_user_watches=", needed * 2 + k_reserve, " > /etc/sysctl.d/60-recentd.conf"),
         "sysctl --system"});
  return watches;
}

// Which ports are open to the world is for others to say.
MachineFindings judge_ports(const MachineFacts& facts) {
  MachineFindings ports("ports");
  if (!facts.serves) return ports;
  std::string open;
  for (const auto port : {std::uint16_t{22}, std::uint16_t{80}, std::uint16_t{443}, k_rsync_port})
    if (std::ranges::binary_search(facts.ports, port)) open += cat(open.empty() ? "" : ", ", port);
  if (open.empty())
    ports.odd(
        "nothing listens on the ports of rsync (873), the web (80, 443) and ssh (22): nobody can follow the "
        "origins of this machine",
        {"rsync --daemon --config=/usr/share/doc/recentd/examples/rsyncd.conf"});
  else
    ports.good(cat("something listens on ", open, ", by which origins can be followed"));
  return ports;
}

}  // namespace

std::vector<MachineFinding> judge_machine(const MachineFacts& facts) {
  std::vector<MachineFinding> all;
  append(all, judge_user(facts));
  append(all, judge_rsync(facts));
  append(all, judge_clock(facts));
  append(all, judge_descriptors(facts));
  append(all, judge_watches(facts));
  append(all, judge_ports(facts));
  return all;
}

}  // namespace recentd::audit
