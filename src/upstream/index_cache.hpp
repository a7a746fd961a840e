#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <recentd/mirror_options.hpp>

#include "sys/tree/dir.hpp"
#include "transport/transport.hpp"
#include "upstream/level_facts.hpp"

namespace recentd::upstream {

// A mirror's private copies of the upstream's index files (recentd-mirror(7), Private copies). A fetched file
// first lands in `incoming/`, which each fetch finds empty whatever the one before had brought; only a copy
// that parses as a whole moves to `index/`, so a broken or half-sent index never replaces a good one.
class IndexCache {
 public:
  // `directory` is the private place on the target's file system; `target` the public one, whose published
  // files serve as the base for the transfer where there is no copy yet. Makes the two sub-directories,
  // clears leftovers of a crash. A fetched file of a format that is not common counts as broken, without
  // being looked into, unless its suffix is in `allowed`, and so does one of more than `bytes_max`.
  IndexCache(std::string directory, std::string target, std::vector<std::string> allowed = {},
             std::uint64_t bytes_max = ConnectOptions{}.max_index_size);

  enum class Fetched { changed, same, absent, broken, failed, older, refused };
  struct Item {
    Fetched what = Fetched::failed;
    std::string message;                     // for broken, failed, older and refused
    std::optional<LevelFacts> facts;         // of the new copy, for changed
    std::optional<std::string> link_target;  // for a `.recent` name that is a link
    bool by_deltas = false;  // as the source's offer tells it, which may be older than its file
  };
  struct Result {
    std::map<std::string, Item> items;  // by name
    std::optional<transport::Problem> problem;
  };
  // Between what a fetched file's newest event has to lie; otherwise the file is not taken.
  struct Bounds {
    std::optional<Epoch> floor;  // older, or none at all: the file fell behind
    // If set, the floor binds only files with this dirtymark: under another one history was rewritten.
    std::optional<std::string> dirtymark;
    std::optional<Epoch> ceiling;  // newer: the file lies
    // Why a file that lies at `path` is not to be taken whatever its epochs are; nothing: it may be. Asked
    // before all else; may be empty.
    std::function<std::optional<std::string>(const LevelFacts& facts, const std::string& path)> objection =
        {};
    // It may be made from the copy and the deltas that the source offers.
    bool by_deltas = false;
    // Then: the next smaller level's name, to whose events deltas may refer; empty: there is none.
    std::string smaller = {};
    // It is asked for with each poll, so a look comes before its deltas: the level's name, whatever it is
    // asked for as. Empty: it is asked for without.
    std::string polled_as = {};
    // Whether a file below the floor is right all the same, as it was begun anew; may be empty.
    std::function<bool(const LevelFacts& facts)> begun_anew = {};
  };
  using AllBounds = std::map<std::string, Bounds>;  // by name
  // Fetches these names in one connection. `meanwhile` may be called once while others work.
  Result fetch(const std::vector<std::string>& names, transport::Transport& transport,
               const AllBounds& bounds = {}, std::function<void()> meanwhile = {});
  // Whether the source has ever offered deltas.
  [[nodiscard]] bool has_seen_offer() const noexcept { return has_seen_offer_; }
  // Finds the facts of all copies there are now, but for one, which the next facts() of them may return.
  void look_ahead(const std::string& but_for);

  // A fetch that takes longer is ended.
  void set_time_limit(std::chrono::nanoseconds limit) noexcept { time_limit_ = limit; }

  // The good copy of a name: its bytes; nothing if there is none.
  [[nodiscard]] std::shared_ptr<const sys::Bytes> bytes(const std::string& name) const;
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/index/" + name; }
  // A reader over the good copy whose facts are known. Throws Error{missing, corrupt}.
  [[nodiscard]] std::unique_ptr<codec::EventReader> open(const std::string& name,
                                                         const LevelFacts& facts) const;
  // Facts of the good copy; nothing if there is none or it no longer parses.
  [[nodiscard]] std::optional<LevelFacts> facts(const std::string& name);
  // Takes out of a set the paths that some copy, or some visible index file, names in whatever event; all of
  // them if one of these does not parse. Reads every file whole. Throws Error{io}.
  void spare_named(std::set<std::string, std::less<>>& paths) const;
  // Calls `take` with each event of the index file at that path. Throws Error{corrupt, io}.
  using TakeEvent = std::function<void(const EventRow&)>;
  static void each_event(const std::string& path, const TakeEvent& take);
  // With each event of the copies and visible index files of that filenameroot, whether they are whole or
  // not. Throws Error{io}.
  void each_known_event(const std::string& filenameroot, const TakeEvent& take) const;
  // For copies of another upstream, in a directory of that name inside the private place, which is made.
  [[nodiscard]] IndexCache beside(const std::string& name) const;
  // Where it is.
  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
  // Makes the copy `from` known as `to` too: for a `.recent` that is a regular file.
  void alias(const std::string& from, const std::string& to);
  // True if the public file is this copy already (the same inode).
  [[nodiscard]] bool is_published(const std::string& name) const;
  // Makes the copy visible under its name in the target, atomically.
  void publish(const std::string& name);

 private:
  [[nodiscard]] std::string incoming(const std::string& name) const {
    return directory_ + "/incoming/" + name;
  }
  void lay_base(const std::string& name) const;
  void open_up(const std::string& name, const sys::FileFacts& arrived) const;
  [[nodiscard]] std::optional<LevelFacts> facts_now(const std::string& name) const;
  Item accept(const std::string& name, const Bounds& bounds);
  std::vector<std::string> make_by_deltas(const std::vector<std::string>& names,
                                          transport::Transport& transport, const AllBounds& bounds,
                                          Result& result);
  std::vector<std::string> poll(const std::vector<std::string>& names, transport::Transport& transport,
                                const AllBounds& bounds, Result& result);
  [[nodiscard]] bool is_offered(const std::string& level) const;
  bool make_polled(const std::string& name, const transport::Seen& seen, transport::Transport& transport,
                   const Bounds& bounds, Item& item, Result& result);
  Item item_of(const std::string& name, transport::Outcome outcome, const std::string& message,
               const AllBounds& bounds);
  [[nodiscard]] transport::FetchRequest request_for(const std::vector<std::string>& names) const;
  [[nodiscard]] std::string too_large(const std::string& name) const;
  [[nodiscard]] bool is_allowed(codec::Format format) const;
  [[nodiscard]] std::string objection_to(const std::string& name, codec::Format format,
                                         std::string_view bytes) const;

  std::string directory_;
  std::string target_;
  std::vector<std::string> allowed_;
  std::uint64_t bytes_max_;
  std::optional<std::chrono::nanoseconds> time_limit_;
  bool has_seen_offer_ = false;
  // Polls without a look, as those before found no offer; and how many it will be the next time.
  int polls_to_pass_ = 0, polls_to_pass_next_ = 1;
  std::map<std::string, LevelFacts> ahead_;  // of copies that did not change since
};

}  // namespace recentd::upstream
