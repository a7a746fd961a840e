#include "audit/machine/machine_facts.hpp"

#include "audit/machine/place_look.hpp"
#include "sys/machine.hpp"
#include "sys/process/identity.hpp"
#include "sys/process/process.hpp"
#include "transport/address.hpp"
#include "upstream/make_transport.hpp"

namespace recentd::audit {

namespace {

constexpr std::uint64_t k_directories_max = 2'000'000;

void look_at_rsync(const ConnectOptions& options, MachineFacts& facts) {
  ConnectOptions plain;  // what else is wrong with the options is told by the trees that have them
  facts.rsync = plain.rsync_program = options.rsync_program;
  sys::SystemProcessRunner runner;
  try {
    facts.rsync_remark =
        upstream::make_transport(transport::Address::parse("/"), plain, {.runner = runner}).remark;
  } catch (const Error& error) {
    facts.rsync_error = error.what();
  }
}

void look_at_trees(const settings::Config& config, MachineFacts& facts) {
  facts.trees = config.trees.size();
  for (const auto& tree : config.trees) {
    if (tree.kind != settings::TreeConfig::Kind::origin) continue;
    facts.serves = true;
    // Root has one mark for a whole file system instead.
    if (!tree.origin.watch || facts.root || !look_at_place(tree.origin.root).directory) continue;
    facts.watched.push_back({tree.origin.root, sys::count_directories(tree.origin.root, k_directories_max)});
  }
}

}  // namespace

MachineFacts look_at_machine(const settings::Config& config, const ConnectOptions& options, Clock& clock) {
  MachineFacts facts;
  facts.user = own_name();
  facts.root = sys::is_root();
  facts.service_user = sys::find_user("recentd").has_value();
  if (const auto user = sys::find_user(sys::own_user())) facts.home = user->home;
  facts.home_there = !facts.home.empty() && sys::may(facts.home, sys::Right::run);
  facts.umask = sys::own_umask();
  facts.now = clock.now();
  facts.clock_kept = sys::clock_is_kept();
  facts.descriptors_max = sys::descriptors_max();
  facts.watches_max = sys::kernel_number("fs/inotify/max_user_watches");
  facts.ports = sys::listening_ports();
  look_at_rsync(options, facts);
  look_at_trees(config, facts);
  return facts;
}

}  // namespace recentd::audit
