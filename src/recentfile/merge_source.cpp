#include "recentfile/merge_source.hpp"

#include <algorithm>
#include <array>

#include "recentfile/order.hpp"
#include "recentfile/write.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_batch = 64;

class HeldSource : public MergeSource {
 public:
  HeldSource(LevelContent& level, const LevelFile& file, Deletes deletes)
      : level_(level), file_(file), rows_(spaced(level), deletes) {}

  [[nodiscard]] Meta& meta() noexcept override { return level_.meta; }
  [[nodiscard]] std::size_t bytes() const override { return encoded_bytes(level_.events); }
  [[nodiscard]] std::optional<EpochView> newest() const override { return level_.newest(); }
  [[nodiscard]] std::optional<EpochView> oldest() const override { return level_.oldest(); }
  [[nodiscard]] std::optional<EpochView> newest_carried() const override { return rows_.newest_carried(); }
  [[nodiscard]] std::optional<EpochView> oldest_carried() const override { return rows_.oldest_carried(); }
  [[nodiscard]] std::size_t carried() const override {
    return static_cast<std::size_t>(std::ranges::count_if(rows_.rows, &SourceRow::carried));
  }

  Survey survey(const TargetRows& target, const std::optional<Epoch>& bound,
                const std::optional<Epoch>& passed_on) override;
  Woven weave(const TargetRows& target, const std::optional<Epoch>& bound, const Emit& emit) override {
    woven_ = target.open();
    return recentd::weave(rows_, *woven_, target.guess, bound, emit);
  }
  void carry_newest() override { rows_.rows.front().carried = true; }
  void write(const StorePolicy& policy, Clock& clock) override {
    write_level(file_, level_.meta, level_.events, level_.mtime_s, policy, clock);
  }

 private:
  static const EventList& spaced(LevelContent& level) {
    if (level.disordered) space_ties(level.events, {});
    return level.events;
  }
  void compare(const EventRow& row, SourceRow& own, Survey& out) const;

  LevelContent& level_;
  const LevelFile& file_;
  SourceRows rows_;
  std::unique_ptr<RowStream> woven_;  // what went through has to live until it is encoded
};

void HeldSource::compare(const EventRow& row, SourceRow& own, Survey& out) const {
  if (!own.carried && row.type != EventType::delete_) out.stale_new = true;
  if (own.row.type == row.type && row.epoch() >= own.row.epoch()) own.present = true;
}

Survey HeldSource::survey(const TargetRows& target, const std::optional<Epoch>& bound,
                          const std::optional<Epoch>& passed_on) {
  Survey out;
  RowTable table = rows_.table(0);
  const std::unique_ptr<RowStream> rows = target.open();
  std::array<EventRow, k_batch> batch;
  std::array<RowTable::Hash, k_batch> hashes;
  std::optional<EpochView> previous, oldest;
  for (std::size_t n; (n = rows->read(batch)) > 0;) {
    for (std::size_t i = 0; i < n; ++i) table.prefetch(hashes[i] = RowTable::hash(batch[i].path()));
    for (std::size_t i = 0; i < n; ++i) {
      const EpochView epoch = batch[i].epoch();
      if (previous && epoch > *previous) throw Disordered{};
      previous = epoch;
      if (bound && epoch < bound->view()) out.truncates = true;
      const auto* const found = table.find(batch[i].path(), hashes[i]);
      if (found != nullptr) {
        compare(batch[i], rows_.rows[found->value], out);
      } else if (!bound || epoch >= bound->view()) {
        oldest = epoch;
      }
    }
  }
  if (oldest) out.oldest = Epoch(*oldest);
  for (const SourceRow& own : rows_.rows) {
    if (!own.carried || own.present) continue;
    out.lacks = true;
    if (passed_on && own.row.epoch() < passed_on->view()) out.crosses = true;
  }
  return out;
}

}  // namespace

std::unique_ptr<MergeSource> held_source(LevelContent& level, const LevelFile& file, Deletes deletes) {
  return std::make_unique<HeldSource>(level, file, deletes);
}

}  // namespace recentd
