#include "transport/rsync_transport.hpp"

#include <algorithm>
#include <numeric>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "sys/tree/disk_room.hpp"
#include "transport/arrivals.hpp"
#include "transport/inherited_bits.hpp"
#include "transport/popt_aliases.hpp"
#include "transport/rsync_options.hpp"
#include "transport/rsync_report.hpp"

namespace recentd::transport {
namespace {

constexpr int k_oldest_version = 30207;  // names are checked against the request since 3.2.5, fixed up to .7
constexpr int k_safe_version = 30500;

constexpr std::size_t k_listed_max = 100'000;  // lines

// The name at the end of a line of `rsync --list-only`: mode, size, date, time, name.
std::string_view listed_name(std::string_view line) {
  if (line.size() < 11 || line.find_first_of("-dlps") != 0) return {};
  std::size_t at = 10;
  for (int column = 0; column < 3; ++column) {
    at = line.find_first_not_of(' ', at);
    if (at == std::string_view::npos) return {};
    at = line.find(' ', at);
    if (at == std::string_view::npos) return {};
  }
  auto name = line.substr(at + 1);
  if (line.front() == 'l') name = name.substr(0, name.find(" -> "));
  return name;
}

// Whatever rsync prints may be the other side's words, and so may the code that it ends with: our disk is in
// trouble only if it shows. `directory`: where it writes; empty if it writes nothing.
void confirm_local(std::optional<Problem>& problem, const std::string& directory) {
  if (!problem || problem->nature != Problem::Nature::local) return;
  if (!directory.empty() && sys::has_disk_trouble(directory)) return;
  problem->nature = Problem::Nature::busy;
  problem->message += "; no trouble with the disk can be seen here";
}

std::string joined(const std::string& directory, const std::string& below) {
  return directory.empty() || below.empty() ? directory + below : cat(directory, "/", below);
}

bool has_parts(const FetchRequest& request) {
  const auto facts = sys::lstat_path(request.partial_directory);
  if (!facts || facts->type != sys::FileType::directory) return false;
  const auto parts = sys::Dir(request.partial_directory).list("");
  return parts && !parts->empty();
}

// What stands in front of each listed name, see Address::listed, for names below a directory.
std::string listed_below(const std::string& listed, const std::string& below) {
  constexpr std::string_view k_top = "./";  // up to where rsync's relative names begin
  if (below.empty()) return listed;
  const auto directory = std::string_view(listed).substr(0, listed.size() - k_top.size());
  return cat(directory, below, "/", k_top);
}

}  // namespace

RsyncTransport::RsyncTransport(Address address, RsyncSettings settings, sys::ProcessRunner& runner)
    : address_(std::move(address)),
      settings_(std::move(settings)),
      password_(settings_.password ? settings_.password : address_.password, settings_.password_file),
      extra_arguments_(rsync_arguments(settings_.options)),
      runner_(runner),
      hides_home_(home_with_aliases().has_value()) {
  // It is for content alone: where files are compared, who is linked with whom is no difference.
  if (std::erase(extra_arguments_, "--hard-links") > 0) settings_.hard_links = true;
  if (hides_home_ && address_.kind == Address::Kind::ssh)
    keep_home_of_shell(extra_arguments_, *home_with_aliases());
  check_version();
  if (address_.password)
    Log("mirror").warning(
        "the password in this address may be read by whoever may read the command line or the configuration; "
        "write it into a file of mode 600, and name that with --password-file",
        {{"source", address_.text}});
}

void RsyncTransport::check_version() {
  std::string first_line;
  sys::ProcessRequest request = request_for({"--version"});
  request.time_limit = std::chrono::seconds(20);
  request.on_output = [&](std::string_view line) {
    if (first_line.empty()) first_line = std::string(line);
  };
  try {
    runner_.run(request);
  } catch (const Error& error) {
    throw Error(Kind::transport,
                cat("rsync program ", quoted(settings_.program),
                    " cannot be run; install rsync or name it with --rsync"),
                settings_.program, error.errno_value());
  }
  const int version = parse_rsync_version(first_line);
  is_safe_ = version >= k_safe_version;
  if (version < k_oldest_version)
    throw Error(Kind::transport, cat("rsync program ", quoted(settings_.program), " is ",
                                     version == 0 ? "no rsync (it prints no version)" : quoted(first_line),
                                     "; version 3.2.7 or newer is needed"));
  if (!is_safe_)
    remark_ = cat(quoted(first_line), " has known security holes for clients; install rsync 3.5.0 or newer");
}

sys::ProcessRequest RsyncTransport::request_for(std::vector<std::string> arguments) const {
  sys::ProcessRequest request;
  request.argv.push_back(settings_.program);
  std::move(arguments.begin(), arguments.end(), std::back_inserter(request.argv));
  request.environment = {{"LC_ALL", "C"}};
  if (hides_home_) request.environment.emplace_back("HOME", k_no_home);
  if (auto password = password_.current()) request.environment.emplace_back("RSYNC_PASSWORD", *password);
  request.time_limit = settings_.time_limit;
  request.stall = settings_.stall;
  request.inherited_fds = settings_.inherited_fds;
  request.ends_with_child = true;  // else a receiver whose parent was killed would hold the target's lock
  return request;
}

std::vector<std::string> RsyncTransport::fetch_arguments(const FetchRequest& request, bool apart) const {
  std::vector<std::string> arguments = {"-lt",     "--safe-links",   "--omit-dir-times",  "--no-motd",
                                        "--from0", "--files-from=-", "--modify-window=-1"};
  if (asks(Dispensable::timeout)) arguments.push_back(cat("--timeout=", settings_.io_timeout.count()));
  // Or each received name is checked against a pattern for what lies below each wanted one, too.
  arguments.emplace_back("--no-dirs");
  if (apart)
    // Only what was asked for will be taken; and how many bytes came is told at the end.
    arguments.insert(arguments.end(), {"--trust-sender", "--info=STATS1"});
  else
    arguments.insert(arguments.end(), {"-vii", cat("--out-format=", k_out_format)});
  if (address_.kind == Address::Kind::daemon) {
    // Without it a host that drops our packets costs minutes.
    arguments.push_back(cat("--contimeout=", settings_.io_timeout.count()));
    // rsync's dialogue of small messages waits 40 ms for each delayed acknowledgement otherwise.
    arguments.emplace_back("--sockopts=TCP_NODELAY");
  }
  const bool content = request.kind == FetchRequest::Kind::content;
  if (!apart && !request.partial_directory.empty()) {
    arguments.push_back(cat("--partial-dir=", request.partial_directory));
    // Between two directories here rsync would begin anew.
    if (address_.kind == Address::Kind::local && has_parts(request))
      arguments.emplace_back("--no-whole-file");
  }
  if (content && settings_.hard_links) arguments.emplace_back("--hard-links");
  if (!content && asks(Dispensable::compress)) arguments.emplace_back("--compress");
  if (!content && asks(Dispensable::block_size)) arguments.emplace_back("--block-size=2048");
  if (request.look_alone) arguments.emplace_back("--dry-run");
  if (request.compare == FetchRequest::Compare::anew) arguments.emplace_back("--ignore-times");
  if (request.compare == FetchRequest::Compare::checksums) arguments.emplace_back("--checksum");
  if (request.max_file_bytes != 0) {
    arguments.push_back(cat("--max-size=", request.max_file_bytes));
    if (!apart) arguments.emplace_back("--info=SKIP");  // rsync says of which files it is
  }
  if (request.bytes_per_s != 0)
    arguments.push_back(cat("--bwlimit=", std::max<std::uint64_t>(request.bytes_per_s / 1024, 1)));  // KiB
  arguments.insert(arguments.end(), extra_arguments_.begin(), extra_arguments_.end());
  return arguments;
}

bool RsyncTransport::asks(Dispensable option) const {
  return (left_out_ & static_cast<unsigned>(option)) == 0;
}

// Whether another try without an option that was refused makes sense. left_out: what the last try did
// without.
bool RsyncTransport::goes_without(const std::optional<Problem>& problem, unsigned left_out) {
  const auto refused = problem ? refused_option(problem->message) : std::nullopt;
  if (!refused) return false;
  const auto bit = static_cast<unsigned>(*refused);
  if ((left_out_.fetch_or(bit) & bit) == 0)
    Log("mirror").info("the upstream refuses an option of rsync; goes on without it",
                       {{"source", describe()}, {"option", cat("--", name_of(*refused))}});
  return (left_out & bit) == 0;
}

FetchResult RsyncTransport::fetch(const FetchRequest& request) {
  return without_refused([&] { return request.spare_linked ? fetch_sparing(request) : fetch_once(request); },
                         &FetchResult::problem);
}

FetchResult RsyncTransport::fetch_once(const FetchRequest& request) {
  const bool apart = request.apart && is_safe_;
  auto arguments = fetch_arguments(request, apart);
  std::optional<InheritedBits> inherited;
  if (settings_.chmod && request.kind == FetchRequest::Kind::content) {
    inherited.emplace(request.names, request.destination);
    arguments.insert(arguments.end(), {"--perms", cat("--chmod=", *settings_.chmod, inherited->rule())});
  }
  arguments.insert(arguments.end(), {"--", address_.operand, request.destination + "/"});

  // Apart nothing is there before, and nothing claimed.
  const Arrivals arrivals(request.names, apart ? std::string() : request.destination);
  RsyncReport report(request.names, joined(address_.prefix, request.below));
  if (request.max_file_bytes != 0) report.unmentioned_means(Outcome::skipped_size);
  if (apart) report.mentions_complaints_alone();
  if (request.look_alone) report.tells_what_would_be();
  if (request.kind == FetchRequest::Kind::content) report.counts_content();
  auto process = request_for(std::move(arguments));
  if (request.time_limit) process.time_limit = *request.time_limit;
  // What the sender holds back for our sake is no standing still.
  if (request.bytes_per_s != 0)
    process.stall.bytes_per_s = std::min(process.stall.bytes_per_s, request.bytes_per_s / 2);
  process.max_file_bytes = request.max_file_bytes;
  process.meanwhile = request.meanwhile;
  process.now_and_then = request.now_and_then;
  process.standard_input = files_from(request.names, listed_below(address_.listed, request.below));
  // rsync looks a received name up among all that it has read so far, the newest first.
  if (!apart) process.input = sys::ProcessRequest::Input::paced;
  process.on_output = [&](std::string_view line) { report.output_line(line); };
  process.on_error = [&](std::string_view line) { report.error_line(line); };
  process.enough = [&] { return report.overflows(); };
  auto result = report.finish(runner_.run(process));
  if (inherited) inherited->restore();
  confirm_local(result.problem, request.destination);
  if (request.look_alone) return result;
  arrivals.check(report.claims(), report.complaint(), result);
  if (!apart) arrivals.clear_directories(result);
  return result;
}

Transport::Listing RsyncTransport::list(const std::string& pattern) {
  return without_refused([&] { return list_once(pattern); }, &Listing::problem);
}

Transport::Listing RsyncTransport::list_once(const std::string& pattern) {
  std::vector<std::string> arguments = {"--list-only", "--no-motd", "-l", "--include=/" + pattern,
                                        "--exclude=*"};
  if (asks(Dispensable::timeout)) arguments.push_back(cat("--timeout=", settings_.io_timeout.count()));
  arguments.insert(arguments.end(), extra_arguments_.begin(), extra_arguments_.end());
  arguments.insert(arguments.end(), {"--", address_.directory});

  Listing listing;
  std::size_t lines = 0;
  const std::vector<std::string> none;
  RsyncReport report(none, address_.prefix);
  auto process = request_for(std::move(arguments));
  process.on_output = [&](std::string_view line) {
    ++lines;
    const auto name = listed_name(line);
    if (!name.empty() && name != "." && listing.names.size() < 1000)
      listing.names.push_back(unescape_name(name));
  };
  process.on_error = [&](std::string_view line) { report.error_line(line); };
  process.enough = [&] { return lines > k_listed_max || report.overflows(); };
  listing.problem = report.finish(runner_.run(process)).problem;
  confirm_local(listing.problem, {});
  return listing;
}

}  // namespace recentd::transport
