#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/meta.hpp"

namespace recentd::test::oracle {

// A plain model of what update, batch_update, merge and aggregate do to a tree of index files: lists of text,
// no streaming, no clever structures. It shares no code with src/recentfile, src/tree or src/origin. It plays
// two parts: the reference, as the vectors recorded it, and what recentd is to do instead. Wherever the two
// part, the rule that says so is noted. Value types; nothing here touches a disk.

enum class Persona { reference, ours };

// An event as text. A raised one had to get an epoch of its own above `asked`; which one is free, `epoch` is
// what the reference takes.
struct Event {
  std::string epoch;
  std::string path;
  std::string type;
  std::vector<std::pair<std::string, std::string>> extras;
  bool raised = false;
  std::string asked;
};

struct File {
  Meta meta;
  std::vector<Event> recent;
  std::int64_t mtime = 0;
  bool broken = false;  // cannot be read; then `raw` is what is in it
  std::string raw;
  bool mark_raised = false;  // the dirtymark is to be above the one that meta has
};

struct Tree {
  std::map<std::string, File> files;         // by name
  std::map<std::string, std::string> links;  // name to target
};

// The `init` line of a case.
struct Config {
  std::string interval = "1h";
  std::optional<std::vector<std::string>> aggregator;
  std::string filenameroot = "RECENT";
  std::string suffix = ".yaml";
  std::optional<std::string> comment;
  int protocol = 1;
  bool keep_deletes = false;
  std::string mode = "open";

  [[nodiscard]] std::string file(const std::string& of_interval) const {
    return filenameroot + "-" + of_interval + suffix;
  }
};

// One thing to register: a full path as handed in, or none.
struct Item {
  std::optional<std::string> path;
  std::optional<std::string> type;
  std::optional<std::string> epoch;
};

// What a long-lived object of the reference believes and never reads again.
struct Remembered {
  bool known = false;
  Meta meta;
};

enum class Force { no, yes };

// What an object of ours, or of the reference, knows of its tree.
struct Settings {
  std::string filenameroot, interval, suffix;
  int protocol = 1;
  std::optional<std::vector<std::string>> aggregator;
  std::optional<std::string> comment, canonize;
  [[nodiscard]] std::string file(const std::string& of) const { return filenameroot + "-" + of + suffix; }
};

struct Level {
  Settings settings;
  std::string interval;
  std::string name;
  File file;
  bool exists = false;
};

// Thrown where an operation ends without having done its work.
struct Died {
  std::string why;
};

// What one operation works on, and the reading and writing of it: who plays, the tree, the clock.
class Play {
 public:
  Play(Persona persona, const Config& config, std::string root, Tree tree, double clock,
       Remembered* remembered);

  [[nodiscard]] bool ours() const { return persona_ == Persona::ours; }
  // Notes that a rule was met where ours parts from the reference.
  void rule(const std::string& name) { rules.insert(name); }

  Settings open_principal();
  Level read(const Settings& settings, const std::string& interval, bool principal);
  void write(Level& level, bool principal);
  void make_link(const Settings& settings);

  void space_ties(std::vector<Event>& events);
  std::string before(const std::string& epoch, std::int64_t seconds);
  std::size_t truncate(Level& level, const std::optional<std::string>& bound) const;

  const Config config;
  const std::string root;
  const double clock;
  const std::string now;  // the clock's text
  // The result.
  Tree tree;
  std::set<std::string> written;
  std::set<std::string> rules;

 private:
  [[noreturn]] void die(const std::string& why, const std::string& rule_name);
  void check_meta_keys(const Meta& meta);
  void put_in_order(Level& level);

  Persona persona_;
  Remembered* remembered_;
};

// Registering events in the principal.
class Registering {
 public:
  explicit Registering(Play& play) : play_(play) {}

  void check_update(const Item& item);
  std::vector<Item> accepted(std::vector<Item> items);
  void update_level(Level& level, std::vector<Item> items);

 private:
  std::optional<std::string> relative(const std::string& path);
  std::vector<Item> one_per_path(std::vector<Item> items);
  std::string monotone(const Level& level, bool& raised);
  [[nodiscard]] std::string asked_by_clock() const;
  bool says_nothing(const Level& level, const Item& item);
  void make_room(Level& level, std::vector<Item>& items);
  void insert_dated(Level& level, const Item& item, std::string epoch, bool raised);
  static std::size_t place_for(const std::vector<Event>& events, const std::string& epoch);
  std::optional<std::size_t> reference_place(std::vector<Event>& events, std::string& epoch);
  bool place_dated(Level& level, Event event);
  void mark_dirty(Level& level, const std::string& epoch);
  std::optional<std::string> bound_for(const Level& level, const std::string& epoch);
  void raise_mark(Level& level, const std::optional<std::string>& old_mark);

  Play& play_;
  bool dirty_ = false;
  std::optional<std::string> old_newest_;  // before the call
  std::optional<std::size_t> last_place_;  // where the reference starts to search
};

// Merging a level into the next larger one.
class Merging {
 public:
  explicit Merging(Play& play) : play_(play) {}

  void merge_levels(Level source, Level target, bool keep_deletes);

 private:
  [[nodiscard]] bool differing_marks(const Level& source, const Level& target);
  bool merge_truncate(const Level& source, Level& target, bool differ, std::optional<std::string>& bound);
  std::vector<Event> news_of(const Level& source, const std::optional<std::string>& bound, bool drop_deletes,
                             std::set<std::string>& seen);
  bool worth_it(const std::vector<Event>& carried, const Level& source, const Level& target,
                bool drop_deletes);
  void keep_one_delete(const Level& source, std::vector<Event>& result);
  std::vector<Event> interleaved(const std::vector<Event>& carried, const std::vector<Event>& old,
                                 std::set<std::string> seen);
  void reset_merged(const std::vector<Event>& carried, Level& target);

  Play& play_;
};

// One operation on a copy of a tree.
class Model : public Play {
 public:
  // root: the tree's absolute path. clock: as the vectors have it. remembered may be null.
  using Play::Play;

  void update(const Item& item);
  void batch_update(std::vector<Item> items);
  void aggregate(Force force);
  void merge(const std::string& from, const std::string& into, bool keep_deletes);

  // The result, beside that of Play.
  bool died = false;
  std::string why;

 private:
  template <class Work>
  void guarded(Work work);
  std::vector<std::string> levels_of(const Settings& settings);
  bool due(const std::string& target, const std::string& below_source) const;
};

// Text arithmetic of the reference: compares, changing the spelling of its arguments.
int reference_compare(std::string& left, std::string& right);
// The next epoch above, or one between.
std::string reference_increase(const std::string& low, const std::optional<std::string>& high);
// True if there is an epoch that is no number.
bool has_odd_epoch(const File& file);
// By value; what is no number counts as 0, as in Perl.
int compare(const std::string& left, const std::string& right);
// "%.15g"
std::string clock_text(double clock);
// Of an interval spec; nothing if it is invalid.
std::optional<std::int64_t> seconds_of(const std::string& spec);
// A path as the reference normalises it.
std::string reference_normalize(std::string path);

// What a reader is asked for.
struct Query {
  std::optional<std::string> after, before, epoch, path, type;
  bool skip_deletes = false;
  std::size_t max = 0;
};
// The events of one level that answer, after and before both exclusive.
std::vector<Event> select(const std::vector<Event>& events, const Query& query);
// The events of a whole set that answer: those of all levels, newest first; each once, or the newest of each
// path.
std::vector<Event> stream(const std::vector<File>& levels, const Query& query, bool newest_per_path);
// The table of levels.
std::string overview(const std::vector<std::pair<std::string, File>>& levels, bool verbose);

}  // namespace recentd::test::oracle
