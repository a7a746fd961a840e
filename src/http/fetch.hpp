#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/http_transport.hpp"
#include "sys/file/placing.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::http {

// One call of HttpTransport::fetch(): keeps as many downloads under way as there are slots, gives what has
// arrived its name, and stops asking when the server is in trouble. Or one of compare(): then nothing gets a
// name, and `transferred` means that what is there is not what is here.
class Fetch {
 public:
  enum class Purpose : std::uint8_t { files, comparison };
  // Both must outlive it. Throws Error{missing, io} for the destination and the password file.
  Fetch(HttpTransport& transport, const transport::FetchRequest& request, Purpose purpose = Purpose::files);
  ~Fetch();
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;

  transport::FetchResult run();
  // From another thread: what is under way is not wanted any more.
  void give_up() noexcept { given_up_ = true; }

 private:
  void pay_for_speed();
  void begin_more();
  bool begin_one();
  bool take_slot();
  [[nodiscard]] std::optional<Task> task_of(std::size_t i);
  [[nodiscard]] bool may_be_same(const sys::FileFacts& here, const transport::Expected& expected) const;
  bool is_blocked(std::size_t i, const sys::FileFacts& here);
  void make_link(std::size_t i, const std::optional<sys::FileFacts>& here);
  void compare_link(std::size_t i, const std::optional<sys::FileFacts>& here);
  void compare_content(std::size_t i, Download& download);
  [[nodiscard]] bool compares() const noexcept { return purpose_ == Purpose::comparison; }
  void end_one(Download* download, const curl::End& end);
  void settle(std::size_t i, Download& download);
  void note_seen(std::size_t i, const Head& answer);
  void take_index(std::size_t i, Download& download);
  void place(std::size_t i, const std::string& made);
  void note(std::size_t i, transport::Outcome outcome, std::string message = {});
  void break_off(transport::Problem::Nature nature, std::string message);
  [[nodiscard]] bool is_over();
  [[nodiscard]] bool may_begin() const;

  HttpTransport& transport_;
  const transport::FetchRequest& request_;
  const Purpose purpose_;
  const Origin origin_;
  sys::Dir destination_;
  std::string own_workshop_;  // removed at the end; empty: the transport's is used
  std::shared_ptr<Workshop> workshop_;
  sys::CachedLstat look_;
  sys::Placing placing_;
  std::unique_ptr<curl::Client> client_;
  struct Active {
    std::size_t name;
    std::unique_ptr<Download> download;
  };
  std::map<curl::Listener*, Active> active_;
  std::size_t next_ = 0;
  int setbacks_ = 0;  // in a row
  std::chrono::steady_clock::time_point start_;
  std::uint64_t received_ = 0;
  std::atomic<bool> given_up_{false};
  transport::FetchResult result_;
};

}  // namespace recentd::http
