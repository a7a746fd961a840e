#include "mirror/transfer/fetch_paths.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "mirror/transfer/destinations.hpp"
#include "target/inner_trees.hpp"

namespace recentd::mirror {

FetchedPaths fetch_paths(const std::vector<std::string>& paths, const sys::Dir& target,
                         const Bookkeeping& bookkeeping, transport::Transport& transport,
                         target::TransferJournal& journal, const FetchLimits& limits) {
  transport::FetchRequest request{.names = {}, .destination = target.path()};
  request.bytes_per_s = limits.bytes_per_s;
  request.max_file_bytes = limits.max_file_bytes;
  request.time_limit = limits.time_limit;
  target::InnerTrees inner(target);
  for (const auto& text : paths) {
    RelPath::Flaw flaw = RelPath::Flaw::none;
    const auto path = RelPath::parse(text, bookkeeping, &flaw);
    if (!path)
      throw Error(Kind::refused, cat("path ", quoted(text), " is refused: ", describe(flaw),
                                     "; give paths of content, relative to the tree"));
    if (inner.cover(text))
      throw Error(Kind::refused,
                  cat("path ", quoted(text), " lies in another tree's target, which a mirror leaves alone"),
                  text);
    if (const auto link = target.link_in_the_way(path->parent()))
      throw Error(Kind::refused,
                  cat("path ", quoted(text), " lies behind the link ", quoted(*link),
                      " in the target, which somebody made here; set keep_dirlinks to follow it"));
    request.names.push_back(path->text());
  }
  const auto note = journal.begin(request.names);
  // Size and time of a suspect one say nothing.
  const bool renews = std::ranges::any_of(
      request.names, [&journal](const std::string& name) { return journal.is_suspect(name); });
  if (renews) request.compare = transport::FetchRequest::Compare::anew;
  request.partial_directory = journal.partial().directory();
  request.spare_linked = journal.spares_linked();
  std::uint64_t connections = 0;
  auto result = fetch_into(target, transport, request, connections);
  std::vector<std::string> renewed;
  if (renews)
    for (std::size_t i = 0; i < request.names.size(); ++i)
      if (result.outcomes[i] == transport::Outcome::transferred ||
          result.outcomes[i] == transport::Outcome::unchanged)
        renewed.push_back(request.names[i]);
  using End = target::TransferJournal::End;
  journal.end(note, result.problem ? End::broken : End::orderly, request.names, renewed);
  FetchedPaths fetched{.problem = std::move(result.problem)};
  for (std::size_t i = 0; i < request.names.size(); ++i) {
    using transport::Outcome;
    const auto outcome = result.outcomes[i];
    if (outcome != Outcome::transferred && outcome != Outcome::unchanged) {
      fetched.missing.emplace_back(std::move(request.names[i]), std::move(result.messages[i]));
      continue;
    }
    ++(outcome == Outcome::transferred ? fetched.transferred : fetched.unchanged);
    if (outcome == Outcome::transferred) fetched.came.push_back(request.names[i]);
    fetched.arrived.push_back(std::move(request.names[i]));
  }
  return fetched;
}

}  // namespace recentd::mirror
