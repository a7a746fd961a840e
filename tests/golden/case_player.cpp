#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "golden/compare.hpp"
#include "golden/operations.hpp"
#include "golden/reading_steps.hpp"
#include "golden/record.hpp"
#include "golden/report.hpp"
#include "recentfile/names.hpp"

namespace fs = std::filesystem;

namespace recentd::golden {

namespace {

using test::Json;
using test::oracle::Force;
using test::oracle::Model;
using test::oracle::Persona;
using test::oracle::Remembered;

[[noreturn]] void fail(const std::string& why) {
  throw std::runtime_error(why);
}

// Plays one case. The directory always holds the state that the reference recorded when a step begins, so
// each step stands for itself: ours must do what the oracle says that ours should do, and that must be what
// the reference did unless a rule says otherwise.
class CasePlayer {
 public:
  CasePlayer(std::string directory, Report& report)
      : directory_(std::move(directory)), report_(report), operations_(playground_.root(), config_, clock_) {}

  void play();

 private:
  void begin();
  void play_step(const Json& operation, const Recorded& record);
  bool play_by_hand(const Json& operation);
  void play_writing(const Json& operation, const Recorded& record);
  template <class Player>
  void dispatch(const Json& operation, Player& player) const;
  std::optional<std::string> run_ours(const Json& operation);
  void check_ours(const Model& mine, const std::optional<std::string>& error);
  void follow_record(const Recorded& record, Model& theirs, std::set<std::string>& rules);
  void check_final();
  void check_bytes(const std::string& name, const std::string& bytes);

  std::string directory_;
  Report& report_;
  Playground playground_;
  test::FakeClock clock_;
  Config config_;
  Operations operations_;
  Remembered remembered_;
  Tree state_;                          // as the reference has it
  Tree actual_;                         // as ours made it
  std::set<std::string> by_reference_;  // names that it wrote in this case
  std::set<std::string> deviations_of_step_;
};

void CasePlayer::begin() {
  const std::string initial = directory_ + "/initial";
  if (fs::is_directory(initial))
    playground_.copy_from(initial, static_cast<std::int64_t>(std::floor(clock_.seconds())));
  std::vector<std::string> other;
  state_ = playground_.read(other);
  playground_.take_written();
}

// The two kinds of player have the same calls.
struct ModelCalls {
  Model& model;
  void update(const Item& item) { model.update(item); }
  void batch_update(const std::vector<Item>& items) { model.batch_update(items); }
  void aggregate(bool force) { model.aggregate(force ? Force::yes : Force::no); }
  void merge(const std::string& from, const std::string& into, bool keep) { model.merge(from, into, keep); }
};

template <class Player>
void CasePlayer::dispatch(const Json& operation, Player& player) const {
  const std::string name = operation.get("op");
  if (name == "update") {
    player.update(parse_item(operation, playground_.root()));
  } else if (name == "batch_update") {
    std::vector<Item> items;
    for (const Json& item : operation.find("batch")->items)
      items.push_back(parse_item(item, playground_.root()));
    player.batch_update(items);
  } else if (name == "aggregate") {
    player.aggregate(operation.has("force") && operation.find("force")->truthy());
  } else if (name == "merge") {
    const Json* set = operation.find("into_set");
    const Json* keep = set == nullptr ? nullptr : set->find("keep_delete_objects_forever");
    player.merge(operation.get("from"), operation.get("into"), keep != nullptr && keep->truthy());
  } else {
    fail("an operation that the player does not know: " + name);
  }
}

std::optional<std::string> CasePlayer::run_ours(const Json& operation) {
  try {
    dispatch(operation, operations_);
  } catch (const Error& error) {
    return error.what();
  }
  return std::nullopt;
}

// Ours against what the oracle says that ours should do.
void CasePlayer::check_ours(const Model& mine, const std::optional<std::string>& error) {
  std::vector<std::string> other;
  actual_ = playground_.read(other);
  const std::set<std::string> written = playground_.take_written();
  if (error && !mine.died) fail("ours: " + *error);
  if (!error && mine.died) fail("ours did not fail, though " + mine.why);
  if (!other.empty()) fail("left behind: " + other.front());
  if (const auto what = difference(actual_, mine.tree, Depth::everything))
    fail("ours and the oracle: " + *what);
  for (const std::string& name : mine.written) {
    if (written.count(name) == 0) fail(name + " was not written");
  }
  for (const std::string& name : written) {
    if (mine.written.count(name) == 0) fail(name + " was written without need");
    if (const auto flaw = flaw_of_own_file(actual_.files[name], clock_.seconds())) fail(name + ": " + *flaw);
  }
}

// Brings the oracle's reference to the recorded state; where the oracle does not foresee it, a rule is
// needed.
void CasePlayer::follow_record(const Recorded& record, Model& theirs, std::set<std::string>& rules) {
  const auto what = record_difference(record, theirs.tree);
  if (!what && theirs.died == record.error.has_value()) return;
  if (record.error) rules.merge(tags_of_message(*record.error));
  const Tree foreseen = std::exchange(theirs.tree, state_);
  if (!record.has_files && !record.error) fail("the oracle's reference died: " + theirs.why);
  if (record.has_files && !adopt_record(record, theirs.tree))
    fail("the oracle's reference and the record: " + *what);
  // Other digits for a raised epoch are no difference; anything else needs a quirk that the oracle cannot
  // foresee.
  static const std::set<std::string> k_unforeseen = {
      tag::k_burst_keeps_order,
      tag::k_old_equal_epochs_do_not_end_a_batch,
      tag::k_two_spellings_are_one_epoch,
      tag::k_epoch_is_a_plain_decimal,
      tag::k_protocol_0_opens,
      tag::k_meta_keys_are_no_methods,
      tag::k_disorder_is_mended,
      tag::k_broken_index_is_refused,
      tag::k_chain_is_checked_when_it_is_made,
      tag::k_name_of_the_file_counts,
      tag::k_times_are_subtracted_exactly,
      tag::k_objects_remember_nothing,
      tag::k_epoch_that_is_no_number,
  };
  const auto left = difference(theirs.tree, foreseen, Depth::recorded);
  const auto unforeseen = [&](const std::string& rule) { return k_unforeseen.count(rule) > 0; };
  if (left && std::none_of(rules.begin(), rules.end(), unforeseen))
    fail("the oracle's reference and the record: " + *left);
  for (auto& [name, file] : theirs.tree.files) {
    const auto old = foreseen.files.find(name);
    if (old == foreseen.files.end() || old->second.recent.size() != file.recent.size()) continue;
    for (std::size_t i = 0; i < file.recent.size(); ++i) {
      const Event& event = old->second.recent[i];
      if (event.path != file.recent[i].path || !event.raised) continue;
      file.recent[i].raised = true;
      file.recent[i].asked = event.asked;
    }
  }
}

void CasePlayer::play_writing(const Json& operation, const Recorded& record) {
  const bool persists = config_.mode == "persist";
  Remembered copy = remembered_;
  Model theirs(Persona::reference, config_, playground_.root(), state_, clock_.seconds(),
               persists ? &remembered_ : nullptr);
  Model mine(Persona::ours, config_, playground_.root(), state_, clock_.seconds(),
             persists ? &copy : nullptr);
  ModelCalls their_calls{theirs}, my_calls{mine};
  dispatch(operation, their_calls);
  dispatch(operation, my_calls);
  check_ours(mine, run_ours(operation));

  std::set<std::string> rules = mine.rules;
  rules.insert(theirs.rules.begin(), theirs.rules.end());
  follow_record(record, theirs, rules);
  const auto what = difference(actual_, theirs.tree, Depth::recorded);
  const bool same_end = mine.died == record.error.has_value();
  if (what || !same_end) {
    if (rules.empty())
      fail(what ? "ours and the record: " + *what : "only one of ours and the reference failed");
    deviations_of_step_ = rules;
  }
  const std::set<std::string>& by_reference = record.has_files ? record.written : theirs.written;
  by_reference_.insert(by_reference.begin(), by_reference.end());
  state_ = theirs.tree;
  for (auto& [name, file] : state_.files) {
    file.mark_raised = false;
    for (Event& event : file.recent) event.raised = false;
    if (test::oracle::has_odd_epoch(file)) file.raw = print_index(name, file);
  }
  playground_.seed(state_, identical(actual_, state_));
}

// Operations that somebody does with the files; true if it was one.
bool CasePlayer::play_by_hand(const Json& operation) {
  const std::string name = operation.get("op"), file = operation.get("file");
  const auto now = static_cast<std::int64_t>(std::floor(clock_.seconds()));
  playground_.forget(file);
  if (name == "nop") return true;
  if (name == "init") {
    config_ = parse_config(operation);
    remembered_ = {};
  } else if (name == "reload") {
    remembered_ = {};
  } else if (name == "put") {
    spill(playground_.path(file), operation.get("content"));
    set_mtime(playground_.path(file), now);
    by_reference_.erase(file);
  } else if (name == "unlink") {
    fs::remove(playground_.path(file));
  } else if (name == "touch") {
    const bool there = fs::exists(playground_.path(file));
    if (there) set_mtime(playground_.path(file), std::atoll(operation.get("mtime").c_str()));
  } else {
    return false;
  }
  std::vector<std::string> other;
  state_ = playground_.read(other);
  playground_.take_written();
  return true;
}

void CasePlayer::play_step(const Json& operation, const Recorded& record) {
  if (operation.has("at")) clock_.set(std::strtod(operation.get("at").c_str(), nullptr));
  deviations_of_step_.clear();
  const std::string name = operation.get("op");
  if (name == "recent_events" || name == "news" || name == "overview") {
    deviations_of_step_ = play_reading(operation, record, config_, playground_.root(), state_);
  } else if (!play_by_hand(operation)) {
    play_writing(operation, record);
    if (!deviations_of_step_.empty()) report_.deviated(deviations_of_step_);
    return;
  }
  if (!deviations_of_step_.empty()) report_.deviated(deviations_of_step_);
  if (const auto what = record_difference(record, state_)) fail("the state: " + *what);
}

// A file as the reference wrote it, read and written by us.
void CasePlayer::check_bytes(const std::string& name, const std::string& bytes) {
  const auto format = codec::format_of_suffix(split_level_name(name)->suffix);
  const codec::Index index = codec::decode(*format, sys::bytes_from(bytes));
  const std::string again = codec::encode(*format, index.meta, index.events);
  if (format != codec::Format::yaml) {
    // The reference's order of keys is arbitrary.
    const File before = parse_index(name, bytes, 0), after = parse_index(name, again, 0);
    Tree left, right;
    left.files[name] = before;
    right.files[name] = after;
    if (const auto what = difference(left, right, Depth::everything))
      fail("final, read and written: " + *what);
    return;
  }
  if (again == bytes) return;
  bool odd = false;
  for (const EventRow& row : index.events.rows) {
    odd = odd || row.path().find('\r') != std::string_view::npos || !is_utf8(row.path());
  }
  const auto at = std::mismatch(bytes.begin(), bytes.end(), again.begin(), again.end()).first - bytes.begin();
  if (!odd) fail(name + " in final, read and written, differs at byte " + std::to_string(at));
  const codec::Index twice = codec::decode(*format, sys::bytes_from(again));
  if (twice.events.rows.size() != index.events.rows.size())
    fail(name + " in final, read and written, lost events");
  for (std::size_t i = 0; i < twice.events.rows.size(); ++i) {
    if (twice.events.rows[i].path() != index.events.rows[i].path()) fail(name + " in final: a path changed");
  }
  report_.deviated({tag::k_odd_bytes_are_escaped_in_yaml});
}

void CasePlayer::check_final() {
  const std::string final_directory = directory_ + "/final";
  if (!fs::is_directory(final_directory)) return;
  Tree recorded;
  for (const auto& entry : fs::directory_iterator(final_directory)) {
    const std::string name = entry.path().filename();
    if (entry.is_symlink() || !is_index(name)) continue;
    const std::string bytes = slurp(entry.path());
    recorded.files[name] = parse_index(name, bytes, 0);
    if (test::oracle::has_odd_epoch(state_.files[name])) {
      recorded.files[name] = state_.files[name];
      report_.deviated({tag::k_epoch_that_is_no_number});
    } else if (by_reference_.count(name) > 0) {
      check_bytes(name, bytes);
    }
  }
  recorded.links = state_.links;
  if (const auto what = difference(state_, recorded, Depth::recorded)) fail("final: " + *what);
}

void CasePlayer::play() {
  const std::vector<std::string> operations = lines_of(directory_ + "/ops.jsonl");
  const std::vector<std::string> expected = lines_of(directory_ + "/expected.jsonl");
  if (operations.size() != expected.size() || operations.empty())
    fail("ops and expected have not the same lines");
  for (std::size_t step = 0; step < operations.size(); ++step) {
    try {
      const Json operation = Json::parse(operations[step]);
      if (step == 0) {
        clock_.set(std::strtod(operation.get("at").c_str(), nullptr));
        begin();
      }
      play_step(operation, parse_record(expected[step]));
    } catch (const std::exception& error) {
      fail("step " + std::to_string(step) + ": " + error.what());
    }
  }
  check_final();
}

}  // namespace

bool play_cases(const std::string& directory, Report& report) {
  if (!fs::is_directory(directory)) return false;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    try {
      CasePlayer(directory + "/" + name, report).play();
      report.passed(name);
    } catch (const std::exception& error) {
      report.failed(name, error.what());
    }
  }
  return true;
}

}  // namespace recentd::golden
