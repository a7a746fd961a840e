#include "base/text.hpp"
#include "transport/rsync_report.hpp"
#include "transport/rsync_transport.hpp"

namespace recentd::transport {
namespace {

using Difference = RsyncTransport::Difference;

// A line of "%i %n": eleven characters, a blank, the name.
std::optional<Difference> difference_of(std::string_view line) {
  constexpr std::size_t k_name_at = 12;
  if (line.size() <= k_name_at || line[k_name_at - 1] != ' ' || line.ends_with('/')) return {};
  const auto what = line.substr(0, k_name_at - 1);
  auto name = unescape_name(line.substr(k_name_at));
  if (what.starts_with("*deleting")) return Difference{Difference::What::only_here, std::move(name)};
  if (what[1] == 'd' || what[1] == 'D' || what[1] == 'S') return {};
  if (what[0] != '>' && what[0] != 'c' && what[0] != '.') return {};
  if (what.find('+') != std::string_view::npos)
    return Difference{Difference::What::only_there, std::move(name)};
  return Difference{Difference::What::differs, std::move(name)};
}

}  // namespace

std::optional<Problem> RsyncTransport::compare(const std::string& directory, const Each& each) {
  return run_comparison({"-rltn", "--delete", "--", address_.directory, directory + "/"}, {}, each,
                        settings_.stall);
}

std::optional<Problem> RsyncTransport::compare(const std::string& directory, const Names& names, By how,
                                               const Each& each) {
  std::vector<std::string> arguments = {"-ltn", "--from0", "--files-from=-"};
  // While the other side reads a large file nothing comes but signs of life.
  const bool reads = how == By::checksum;
  if (reads) arguments.emplace_back("--checksum");
  arguments.insert(arguments.end(), {"--", address_.operand, directory + "/"});
  return run_comparison(arguments, files_from(names.names, address_.listed), each,
                        reads ? sys::StallLimit{} : settings_.stall);
}

std::optional<Problem> RsyncTransport::run_comparison(const std::vector<std::string>& arguments,
                                                      const std::string& standard_input, const Each& each,
                                                      sys::StallLimit stall) {
  return without_refused([&] { return run_comparison_once(arguments, standard_input, each, stall); },
                         [](const std::optional<Problem>& problem) { return problem; });
}

std::optional<Problem> RsyncTransport::run_comparison_once(const std::vector<std::string>& arguments,
                                                           const std::string& standard_input,
                                                           const Each& each, sys::StallLimit stall) {
  std::vector<std::string> all = {"--safe-links", "--omit-dir-times", "--no-motd", "--modify-window=-1",
                                  "--out-format=%i %n"};
  if (asks(Dispensable::timeout)) all.push_back(cat("--timeout=", settings_.io_timeout.count()));
  all.insert(all.end(), extra_arguments_.begin(), extra_arguments_.end());
  all.insert(all.end(), arguments.begin(), arguments.end());
  const std::vector<std::string> none;
  RsyncReport report(none, address_.prefix);
  auto process = request_for(std::move(all));
  process.standard_input = standard_input;
  process.on_output = [&](std::string_view line) {
    if (const auto found = difference_of(line)) each(*found);
  };
  process.on_error = [&](std::string_view line) { report.error_line(line); };
  process.enough = [&] { return report.overflows(); };
  process.stall = stall;
  return report.finish(runner_.run(process)).problem;
}

}  // namespace recentd::transport
