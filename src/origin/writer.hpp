#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/origin.hpp>
#include <recentd/path.hpp>

#include "origin/request_paths.hpp"
#include "origin/sign/block_signer.hpp"
#include "recentfile/lock.hpp"
#include "recentfile/merge.hpp"
#include "recentfile/store.hpp"
#include "recentfile/update.hpp"
#include "sys/file/file_lock.hpp"

namespace recentd {

// Throws Error{refused} if the directory is a mirror's target, naming its upstream.
void refuse_mirror_target(const std::string& root);

// How to write, from the options. Throws Error{usage} on a bad one.
StorePolicy store_policy(const WriterOptions& options);

// The operations on one index set, each from lock to unlock. Nothing of the set is remembered between two
// operations: others write it, too. Not for use from two threads at once.
class Writer {
 public:
  // settings: of a set that may not exist yet; without them the principal's file must be there.
  Writer(LevelFile principal, std::optional<OriginSettings> settings, WriterOptions options, Clock& clock);

  // Without requests: truncates.
  // With Carry::at_once a dirty change is merged up to Z before it returns, under one lock.
  enum class Carry : std::uint8_t { later, at_once };
  UpdateReport update(const std::vector<UpdateRequest>& requests, Carry carry = Carry::later);
  // Without requests: makes a level that has no event, and truncates nothing.
  UpdateReport batch_update(const std::vector<UpdateRequest>& requests);
  AggregateReport aggregate(bool force);

  // Where deltas of levels are offered for HTTP, or are to be: offers those to what lies there now.
  enum class Offered : std::uint8_t { all, principal };
  void offer(Offered what = Offered::all);

  // The caller holds the root's and the principal's lock from now on, as long as this object lives.
  void hold_locks() noexcept { holding_ = true; }
  [[nodiscard]] const LevelFile& principal() const noexcept { return principal_; }

 private:
  // What an operation holds; in this order.
  struct Locks {
    std::optional<sys::FileLock> root;
    std::optional<LevelLock> source;
    std::optional<LevelLock> target;
  };
  [[nodiscard]] Locks lock_principal() const;
  [[nodiscard]] Locks lock_pair(std::size_t source_index, const LevelFile& source,
                                const LevelFile& target) const;
  [[nodiscard]] LevelLock lock_level(const LevelFile& file) const;

  // What an update registers; some of its texts belong to `paths`.
  struct Items {
    std::vector<UpdateItem> list;
    RequestPaths paths;
  };
  Items items_of(const std::vector<UpdateRequest>& requests, UpdateReport& report) const;
  void add_delete(const UpdateRequest& request, const RequestPaths::Meant& meant, Items& items) const;
  enum class Cut { never, due };
  UpdateReport register_requests(const std::vector<UpdateRequest>& requests, Carry carry);
  UpdateReport register_items(const std::vector<UpdateItem>& items, UpdateReport report, Cut cut);
  [[nodiscard]] std::optional<UpdateResult> register_in_large(const std::vector<UpdateItem>& items) const;
  [[nodiscard]] LevelContent read_or_begin() const;
  void apply_settings(Meta& meta) const;
  void renew_link() const;
  [[nodiscard]] bool is_principal() const;
  [[nodiscard]] bool is_due(const std::vector<Interval>& levels, std::size_t target, bool force) const;
  AggregateReport merge_upward(bool force);
  bool merge_pair(const std::vector<Interval>& levels, std::size_t source, const Meta& settings);
  void sign(const std::vector<UpdateRequest>& requests, BlockSigner& signer) const;
  void warn(const std::string& text) const;

  LevelFile principal_;
  Interval interval_;
  std::optional<OriginSettings> settings_;
  WriterOptions options_;
  StorePolicy policy_;
  Bookkeeping bookkeeping_;
  Clock& clock_;
  std::unique_ptr<SpareLocks> spares_ = std::make_unique<SpareLocks>();
  bool holding_ = false;  // an operation of ours holds the root's and the principal's lock around others
};

}  // namespace recentd
