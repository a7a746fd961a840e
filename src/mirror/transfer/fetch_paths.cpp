#include "mirror/transfer/fetch_paths.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::mirror {

FetchedPaths fetch_paths(const std::vector<std::string>& paths, const sys::Dir& target,
                         const Bookkeeping& bookkeeping, transport::Transport& transport,
                         target::TransferJournal& journal) {
  transport::FetchRequest request{.names = {}, .destination = target.path()};
  for (const auto& text : paths) {
    RelPath::Flaw flaw = RelPath::Flaw::none;
    const auto path = RelPath::parse(text, bookkeeping, &flaw);
    if (!path)
      throw Error(Kind::refused, cat("path ", quoted(text), " is refused: ", describe(flaw),
                                     "; give paths of content, relative to the tree"));
    request.names.push_back(path->text());
  }
  const auto note = journal.begin(request.names);
  auto result = transport.fetch(request);
  using End = target::TransferJournal::End;
  journal.end(note, result.problem ? End::broken : End::orderly, request.names);
  FetchedPaths fetched{.problem = std::move(result.problem)};
  for (std::size_t i = 0; i < request.names.size(); ++i) {
    using transport::Outcome;
    if (result.outcomes[i] == Outcome::transferred)
      ++fetched.transferred;
    else if (result.outcomes[i] == Outcome::unchanged)
      ++fetched.unchanged;
    else
      fetched.missing.emplace_back(std::move(request.names[i]), std::move(result.messages[i]));
  }
  return fetched;
}

}  // namespace recentd::mirror
