#include "support/service.hpp"

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace recentd::test {

namespace {

using namespace std::chrono_literals;

void demand(bool met, const std::string& what, const std::string& log) {
  if (!met) throw std::runtime_error("the service " + what + "; its log:\n" + log);
}

// Also processes that speak of an rsync source, such as a mirror.
template <class Visit>
void each_rsync_for(const std::string& directory, const Visit& visit) {
  for (const auto& process : fs::directory_iterator("/proc")) {
    std::error_code gone;
    const auto cwd = fs::read_symlink(process.path() / "cwd", gone).string();
    const auto words = command_line(process.path());
    if (words.find("rsync") == std::string::npos) continue;
    if (words.find(directory) != std::string::npos || cwd.starts_with(directory))
      visit(std::stoi(process.path().filename().string()), words);
  }
}

}  // namespace

void Service::start(const Environment& environment) {
  program_ = std::make_unique<Program>(
      std::vector<std::string>{RECENTD_PROGRAM, "run", "-v", "--config", file()}, environment);
  demand(eventually([&] { return logged(" tree started ") || !program_->running(); }, 10s), "did not start",
         log());
}

void Service::reload() {
  const auto answers = [&] {
    const auto text = log();
    return count_of(text, " configuration reloaded ") + count_of(text, " reload refused: ");
  };
  const auto before = answers();
  program_->send(SIGHUP);
  demand(eventually([&] { return answers() > before; }, 10s), "did not reload", log());
}

std::string Service::report() {
  const auto size = log().size();
  program_->send(SIGUSR1);
  const auto whole = [&] {
    const auto text = log().substr(size);
    return text.find(" notice service state") != std::string::npos && text.back() == '\n';
  };
  demand(eventually(whole, 10s), "did not report", log());
  return log().substr(size);
}

std::string Service::state_of(const std::string& tree, const std::string& field) {
  const auto start = log().size();
  (void)report();
  // Each tree has a line, and this one's may still be to come.
  std::string line;
  const auto is_there = [&] {
    const auto text = log();
    const auto at = text.find(" tree=" + tree + " state=", start), end = text.find('\n', at);
    if (at != std::string::npos && end != std::string::npos) line = text.substr(at, end - at);
    return !line.empty();
  };
  if (!eventually(is_there, 1s)) return {};
  const auto at = line.find(" " + field + "=");
  if (at == std::string::npos) return {};
  const auto value = at + field.size() + 2;
  return line.substr(value, line.find(' ', value) - value);
}

ProgramResult Service::stop() {
  program_->send(SIGTERM);
  return program_->wait(5s);
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string command_line(const fs::path& process) {
  try {
    return read_file((process / "cmdline").string()).value_or("");
  } catch (const std::exception&) {
    return {};  // it has just ended
  }
}

int rsyncs_for(const std::string& directory) {
  int count = 0;
  each_rsync_for(directory, [&](pid_t, const std::string&) { ++count; });
  return count;
}

void kill_rsyncs_for(const std::string& directory) {
  each_rsync_for(directory, [](pid_t process, const std::string& words) {
    if (words.starts_with("rsync") && words[5] == '\0') ::kill(process, SIGKILL);  // no mirror that uses it
  });
}

std::vector<std::string> leftovers_in(const TempTree& tree, const std::string& target) {
  std::vector<std::string> found;
  for (const auto& name : tree.list(target)) {
    const auto base = name.substr(name.find_last_of('/', name.size() - 2) + 1);
    const bool ours = name.starts_with(".recentd/");
    // Parts of files are kept on purpose, to be gone on with.
    const bool part = name.starts_with(".recentd/unfinished/partial/");
    const bool unfinished =
        name.starts_with(".recentd/unfinished/") && name != ".recentd/unfinished/" && !part;
    const bool temporary = base.ends_with(".new") && base != "state.new";
    if (unfinished || (ours && temporary) || (!ours && base.front() == '.')) found.push_back(name);
  }
  return found;
}

SilentPort::SilentPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd_, where, size) != 0 || ::listen(fd_, 100) != 0 || ::getsockname(fd_, where, &size) != 0)
    throw std::runtime_error("no free loopback port");
  port_ = ntohs(address.sin_port);
}

SilentPort::~SilentPort() {
  ::close(fd_);
}

}  // namespace recentd::test
