#include "base/text.hpp"
#include "transport/rsync_transport.hpp"

namespace recentd::transport {
namespace {

constexpr std::size_t k_modules_max = 1000;

// "host::" of host::module/, "rsync://host:port/" of rsync://host:port/module/.
std::string server_of(const std::string& operand) {
  if (!operand.starts_with("rsync://")) return operand.substr(0, operand.find("::") + 2);
  return operand.substr(0, operand.find('/', std::string_view("rsync://").size()) + 1);
}

}  // namespace

int RsyncTransport::protocol_there() {
  constexpr std::string_view k_words = "Protocol versions: remote=";
  std::vector<std::string> arguments = {"--list-only", "--no-motd", "--debug=PROTO", "--exclude=*"};
  if (asks(Dispensable::timeout)) arguments.push_back(cat("--timeout=", settings_.io_timeout.count()));
  arguments.insert(arguments.end(), extra_arguments_.begin(), extra_arguments_.end());
  arguments.insert(arguments.end(), {"--", address_.directory});
  int protocol = 0;
  auto process = request_for(std::move(arguments));
  process.on_output = [&](std::string_view line) {
    const auto at = line.find(k_words);
    if (protocol != 0 || at == std::string_view::npos) return;
    const auto number = line.substr(at + k_words.size());
    protocol = static_cast<int>(parse_unsigned(number.substr(0, number.find(','))).value_or(0) % 1000);
  };
  process.on_error = [](std::string_view) {};
  runner_.run(process);
  return protocol;
}

std::vector<std::string> RsyncTransport::modules_there() {
  std::vector<std::string> modules;
  if (address_.kind != Address::Kind::daemon) return modules;
  // What it says before comes along: rsync can only leave both out.
  std::vector<std::string> arguments = {cat("--timeout=", settings_.io_timeout.count())};
  arguments.insert(arguments.end(), extra_arguments_.begin(), extra_arguments_.end());
  arguments.insert(arguments.end(), {"--", server_of(address_.operand)});
  auto process = request_for(std::move(arguments));
  process.on_output = [&](std::string_view line) {
    const auto tab = line.find('\t');
    const auto name = trimmed(line.substr(0, tab));
    if (tab != std::string_view::npos && !name.empty() && modules.size() < k_modules_max)
      modules.emplace_back(name);
  };
  process.on_error = [](std::string_view) {};
  process.enough = [&] { return modules.size() == k_modules_max; };
  runner_.run(process);
  return modules;
}

}  // namespace recentd::transport
