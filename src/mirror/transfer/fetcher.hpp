#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>

#include "mirror/transfer/batch.hpp"
#include "mirror/transfer/renewal.hpp"
#include "sys/tree/dir.hpp"
#include "target/transfer_journal.hpp"
#include "transport/transport.hpp"

namespace recentd::mirror {

// The network's part of a batch; recentd-mirror(7), TRANSFERS. Its steps follow each other; only transfer()
// may run on another thread, beside those of other batches.
class Fetcher {
 public:
  // All must outlive it. `renewal_place` as for Renewal.
  Fetcher(const MirrorOptions& options, const sys::Dir& target, transport::Transport& transport,
          target::TransferJournal& journal, Clock& clock, const Bookkeeping& bookkeeping,
          std::string renewal_place);

  // Right before transfer(): notes what is about to arrive, and where. `bytes_per_s`: limit for the transfer,
  // 0 for none. Throws Error{io}.
  void begin(Batch& batch, std::uint64_t bytes_per_s);
  // Transfers what is wanted: afterwards each wanted item has an outcome. What of `meanwhile` is to be done
  // once is done before it returns.
  void transfer(Batch& batch, const Meanwhile& meanwhile = {}) const;
  // After it: what rsync left unfinished is gone. Throws Error{io}.
  void end(const Batch& batch);
  // So many may be under way; one, where a call uses all connections by itself.
  [[nodiscard]] std::size_t calls_at_once() const {
    return transport_.is_parallel() ? 1 : options_.connect.connections.value_or(1);
  }

 private:
  using Wanted = std::vector<std::size_t>;  // places in the batch's items
  [[nodiscard]] transport::FetchRequest request_for(const Batch& batch, const Wanted& wanted) const;
  transport::FetchResult fetch(Batch& batch, const Wanted& wanted, transport::FetchRequest request) const;
  void fetch_on(Batch& batch, Wanted open, transport::FetchRequest request) const;
  void fetch_apart(Batch& batch, transport::FetchRequest request) const;
  void fetch_together(Batch& batch, transport::FetchRequest request) const;
  void compare_again(Batch& batch) const;
  void compare(Batch& batch, const Wanted& doubtful, transport::FetchRequest::Compare how) const;
  void check_digests(Batch& batch) const;
  [[nodiscard]] bool pays_apart(const Batch& batch) const;
  [[nodiscard]] bool may_be_elsewhere(const Batch& batch) const;

  const MirrorOptions& options_;
  const sys::Dir& target_;
  transport::Transport& transport_;
  target::TransferJournal& journal_;
  Clock& clock_;
  Renewal renewal_;
};

// The name at which a connection broke: in the order in which rsync works, the first one that is undecided
// after all that are decided. Nothing if the connection did not break for a reason that a path could have.
std::optional<std::size_t> broken_at(const std::vector<std::string>& names,
                                     const std::vector<transport::Outcome>& outcomes,
                                     const transport::Problem& problem);

}  // namespace recentd::mirror
