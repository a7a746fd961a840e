#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sys/process/process.hpp"
#include "transport/address.hpp"
#include "transport/comparer.hpp"
#include "transport/password.hpp"
#include "transport/rsync_message.hpp"
#include "transport/transport.hpp"

namespace recentd::transport {

struct RsyncSettings {
  std::string program = "rsync";
  std::vector<std::string> options;     // NAME or NAME=VALUE, as rsync_arguments() takes them
  std::chrono::seconds io_timeout{30};  // rsync's --timeout
  std::chrono::nanoseconds time_limit = std::chrono::hours(12);  // our own, for one call
  sys::StallLimit stall{std::chrono::seconds(120),
                        64};            // ours, too, whatever rsync makes of its own time-out
  std::optional<std::string> password;  // handed over in the environment, never as an argument
  std::string password_file;            // its first line instead; see Password
  std::vector<int> inherited_fds;       // lock descriptors that children keep
  // Content and the directories above it get the source's modes, changed as rsync's --chmod would with this
  // text. Nothing: only what is new here does, less the umask.
  std::optional<std::string> chmod;
  // Names of one file at the source that are fetched together become names of one file here. The option
  // hard-links says the same.
  bool hard_links = false;
};

// Runs the installed rsync, one process for each call, with the arguments of recentd-mirror(7), Calls of
// rsync.
class RsyncTransport : public Transport, public Comparer {
 public:
  // Checks the options, the password file and the program's version. Throws Error{usage} for options that are
  // not allowed,
  // Error{transport} if rsync is missing or older than 3.2.7. `runner` must outlive the transport.
  RsyncTransport(Address address, RsyncSettings settings, sys::ProcessRunner& runner);

  FetchResult fetch(const FetchRequest& request) override;
  Listing list(const std::string& pattern) override;
  // Compares the whole source directory with a local one, in one connection, and changes nothing. Directories
  // by themselves do not count. For rsync's own memory see its man page.
  std::optional<Problem> compare(const std::string& directory, const Each& each);
  // The same for names that are here; nothing is told of those that are not at the source.
  std::optional<Problem> compare(const std::string& directory, const Names& names, By how,
                                 const Each& each) override;
  // The protocol that the other side speaks, as rsync tells it; 0: it does not.
  int protocol_there();
  // What a daemon lists: it may have more. Empty for sources of other kinds.
  std::vector<std::string> modules_there();
  [[nodiscard]] std::string describe() const override { return address_.text; }
  // Worth telling once: an rsync with known holes. Empty if there is nothing to say.
  [[nodiscard]] const std::string& remark() const noexcept { return remark_; }

 private:
  void check_version();
  FetchResult fetch_once(const FetchRequest& request);
  FetchResult fetch_sparing(const FetchRequest& request);
  Listing list_once(const std::string& pattern);
  [[nodiscard]] bool asks(Dispensable option) const;
  bool goes_without(const std::optional<Problem>& problem, unsigned left_out);
  // Calls again as long as the problem is an option that can be left out. A refusal comes before anything
  // else.
  template <class Call, class ProblemOf>
  auto without_refused(Call call, ProblemOf problem_of) {
    for (;;) {
      const unsigned left_out = left_out_;
      auto result = call();
      if (!goes_without(std::invoke(problem_of, result), left_out)) return result;
    }
  }
  std::optional<Problem> run_comparison(const std::vector<std::string>& arguments,
                                        const std::string& standard_input, const Each& each,
                                        sys::StallLimit stall);
  std::optional<Problem> run_comparison_once(const std::vector<std::string>& arguments,
                                             const std::string& standard_input, const Each& each,
                                             sys::StallLimit stall);
  [[nodiscard]] std::vector<std::string> fetch_arguments(const FetchRequest& request, bool apart) const;
  [[nodiscard]] sys::ProcessRequest request_for(std::vector<std::string> arguments) const;

  Address address_;
  RsyncSettings settings_;
  Password password_;
  std::vector<std::string> extra_arguments_;
  sys::ProcessRunner& runner_;
  bool hides_home_;       // see home_with_aliases()
  bool is_safe_ = false;  // without known holes
  std::string remark_;
  std::atomic<unsigned> left_out_ = 0;  // Dispensable options that the other side refuses
};

}  // namespace recentd::transport
