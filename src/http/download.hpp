#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/response.hpp"
#include "http/url.hpp"
#include "http/workshop.hpp"
#include "lib/curl/client.hpp"
#include "sys/file/part_file.hpp"
#include "sys/tree/dir.hpp"
#include "transport/transport.hpp"

namespace recentd::http {

// Who is asked, and as whom.
struct Origin {
  Url base;  // its target ends with '/'
  std::string user = {}, password = {};
  bool netrc = false;
  bool redirects_anywhere = false;
};

// One file that is wanted.
struct Task {
  std::string name;
  transport::Expected expected = {};
  std::optional<sys::FileFacts> here =
      {};  // what may be the same; a file that is surely another does not count
  std::vector<std::string> conditions = {};  // headers under which 304 may come
  std::optional<std::int64_t> time = {};     // of the version that they name
  bool index = false;
  bool past_caches = false;  // nobody on the way may answer from memory
  bool look_only =
      false;  // `unchanged` says that it is the same as what is here, `transferred` that it is not
  bool look_first = false;        // if it is another version, that is all that is wanted: `differs`
  std::uint64_t max_bytes = 0;    // 0: any size
  std::uint64_t bytes_per_s = 0;  // 0: any speed
};

// Brings one file into a workshop, with as many requests as that takes: a look at size and time where a file
// is here that may be the same; redirects; and further ones for the rest where the connection broke. Says
// what became of it; recentd-mirror(7), HTTP.
class Download : public curl::Listener {
 public:
  // All must outlive it.
  Download(Task task, const Origin& origin, Workshop& workshop);
  // What came of a large file stays in the workshop.
  ~Download() override;
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  // What to ask for next. Throws Error{io}.
  curl::Request request();
  // After its end: whether there is more to ask. Otherwise the rest is set. Throws Error{io}.
  bool goes_on(const curl::End& end);

  struct Result {
    transport::Outcome outcome = transport::Outcome::not_tried;
    std::string message = {};
    std::optional<transport::Problem> problem = {};  // and it makes no sense to ask for other files now
    bool setback = false;  // the server is to blame; a few of them in a row are a problem, too
  };
  [[nodiscard]] const Result& result() const noexcept { return result_; }
  [[nodiscard]] const Task& task() const noexcept { return task_; }
  [[nodiscard]] const Head& answer() const noexcept { return head_; }
  // For what has arrived: the file's name in the workshop, with its time set. Throws Error{io}.
  std::string made();

  bool head(std::string_view line) noexcept override;
  bool body(std::string_view bytes) noexcept override;

 private:
  [[nodiscard]] Asked asked() const;
  bool take_answer();
  bool take_whole();
  void open_file();
  void drop_file();
  [[nodiscard]] std::string unfit() const;
  [[nodiscard]] bool is_old() const;
  bool after_answer();
  bool after_look();
  bool after_content(bool complete);
  bool after_unchanged();
  bool after_other(std::string message);
  bool after_nonsense();
  bool after_cut(const std::string& message);
  bool follow();
  bool settle(transport::Outcome outcome, std::string message);
  bool set_back(std::string message);
  bool problem(transport::Problem::Nature nature, std::string message);

  Task task_;
  const Origin& origin_;
  Workshop& workshop_;
  Url url_;
  int redirects_ = 0;
  enum class Stage : std::uint8_t { look, content } stage_;
  std::string file_name_;  // in the workshop; empty: none yet
  std::optional<sys::PartFile> file_;
  bool kept_ = false;                   // it may stay there for another process
  Version version_;                     // of what the file holds
  std::optional<std::uint64_t> total_;  // that it will have
  Head head_;
  Verdict verdict_;
  bool receiving_ = false;         // the body goes into the file
  std::uint64_t passed_over_ = 0;  // bytes of a body that nobody wants
  std::string broken_;             // what of ours failed meanwhile
  struct Tries {
    int stuck = 0;      // without a byte more
    bool anew = false;  // the part was thrown away once
    std::uint64_t best = 0;
  } tries_;
  Result result_;
};

}  // namespace recentd::http
