#include <cstdint>
#include <cstring>

#include <recentd/path.hpp>

namespace recentd {

namespace {

// A file system's names have no more (NAME_MAX).
constexpr std::size_t k_name_bytes_max = 255;
// rsync takes names of 4095 bytes, and each is asked for with `./` in front.
constexpr std::size_t k_path_bytes_max = 4093;

// `text` without `prefix` at its start, or nothing.
bool consume(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool consume_suffix(std::string_view& text) noexcept {
  return consume(text, ".yaml") || consume(text, ".json") || consume(text, ".sto") || consume(text, ".dd");
}

// What follows `ROOT-`: a level file, its temporary, its lock. Looser than Interval::parse, as the reference
// hides `RECENT-h.yaml` and `RECENT-001h.yaml` as well. Names that start with `.lock` are what a writer that
// takes over a dead lock leaves for a moment.
bool is_level(std::string_view text) noexcept {
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
  constexpr std::string_view k_units = "smhdWMQYZ";
  if (text.empty() || k_units.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  if (!consume_suffix(text)) return false;
  return text.empty() || text == ".new" || text.starts_with(".lock");
}

RelPath::Flaw flaw_of(std::string_view component) noexcept {
  if (component.empty()) return RelPath::Flaw::empty_component;
  if (component == "." || component == "..") return RelPath::Flaw::dot_component;
  if (component.size() > k_name_bytes_max) return RelPath::Flaw::too_long;
  return RelPath::Flaw::none;
}

std::uint64_t load8(const char* bytes) noexcept {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// The high bit of each byte that is zero, and perhaps of some above one that is.
std::uint64_t zero_bytes(std::uint64_t word) noexcept {
  return (word - 0x0101010101010101) & ~word & 0x8080808080808080;
}

std::uint64_t bytes_like(std::uint64_t word, char c) noexcept {
  return zero_bytes(word ^ (0x0101010101010101 * static_cast<unsigned char>(c)));
}

// Whether one of eight bytes is NUL, or a slash before a slash or a dot.
std::uint64_t suspicious_pairs(const char* bytes) noexcept {
  const std::uint64_t word = load8(bytes), next = load8(bytes + 1);
  return zero_bytes(word) | (bytes_like(word, '/') & (bytes_like(next, '/') | bytes_like(next, '.')));
}

// False for nearly every path there is; true for all that have a flaw in their components. Takes eight bytes
// at once: this runs for millions of paths.
bool is_suspicious(std::string_view text) noexcept {
  constexpr std::size_t k_step = 8;
  if (text.front() == '.' || text.back() == '/' || text.back() == '\0') return true;
  if (text.size() > k_name_bytes_max) return true;
  if (text.size() <= k_step) return true;
  const std::size_t last = text.size() - 1 - k_step;
  std::uint64_t found = suspicious_pairs(text.data() + last);
  for (std::size_t i = 0; i < last; i += k_step) found |= suspicious_pairs(text.data() + i);
  return found != 0;
}

RelPath::Flaw first_flaw(std::string_view text) noexcept {
  if (text.find('\0') != std::string_view::npos) return RelPath::Flaw::nul;
  std::size_t start = 0;
  for (;;) {
    const std::size_t slash = text.find('/', start);
    const RelPath::Flaw flaw = flaw_of(text.substr(start, slash - start));
    if (flaw != RelPath::Flaw::none || slash == std::string_view::npos) return flaw;
    start = slash + 1;
  }
}

// The letters and digits that mkstemp() takes for `XXXXXX`, of at least two kinds.
bool looks_random(std::string_view text) noexcept {
  bool lower = false, upper = false, digit = false;
  for (const char c : text) {
    lower |= c >= 'a' && c <= 'z';
    upper |= c >= 'A' && c <= 'Z';
    digit |= c >= '0' && c <= '9';
    const bool any = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!any) return false;
  }
  return lower + upper + digit >= 2;
}

bool has_temporary_shape(std::string_view name) noexcept {
  constexpr std::size_t k_random = 6;
  if (!name.starts_with('.')) return false;
  const std::size_t dot = name.rfind('.');
  return dot > 1 && name.size() - dot - 1 == k_random && looks_random(name.substr(dot + 1));
}

bool has_component(std::string_view path, std::string_view name) noexcept {
  for (std::size_t at = path.find(name); at != std::string_view::npos; at = path.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || path[at - 1] == '/') && (end == path.size() || path[end] == '/')) return true;
  }
  return false;
}

bool is_private(std::string_view path) noexcept {
  return has_component(path, ".recentd");
}

std::string_view first_component(std::string_view path) noexcept {
  return path.substr(0, path.find('/'));
}

}  // namespace

Bookkeeping::Bookkeeping(std::string filenameroot) : filenameroot_(std::move(filenameroot)) {}

bool Bookkeeping::owns(std::string_view relative_path) const noexcept {
  return is_private(relative_path) || owns_in_root(relative_path);
}

bool Bookkeeping::owns_in_root(std::string_view relative_path) const noexcept {
  if (relative_path.starts_with(".FRMRecent-")) return true;
  std::string_view rest = relative_path;
  if (!consume(rest, filenameroot_)) return false;
  rest = first_component(rest);
  if (rest == ".recent" || rest.starts_with(".recent.") || rest == ".tiers.json" || rest == ".http")
    return true;
  if (!consume(rest, "-")) return false;
  return rest.ends_with(".rsig") || is_level(rest);
}

RelPath::Flaw RelPath::check(std::string_view text, const Bookkeeping& bookkeeping) noexcept {
  if (text.empty()) return Flaw::empty;
  if (text.size() > k_path_bytes_max) return Flaw::too_long;
  if (text.front() == '/') return Flaw::absolute;
  if (is_suspicious(text)) {
    const Flaw flaw = first_flaw(text);
    if (flaw != Flaw::none) return flaw;
    if (is_private(text)) return Flaw::bookkeeping;
  }
  return bookkeeping.owns_in_root(text) ? Flaw::bookkeeping : Flaw::none;
}

std::optional<RelPath> RelPath::parse(std::string_view text, const Bookkeeping& bookkeeping, Flaw* flaw) {
  const Flaw found = check(text, bookkeeping);
  if (flaw != nullptr) *flaw = found;
  if (found != Flaw::none) return std::nullopt;
  return RelPath(std::string(text));
}

std::string_view RelPath::parent() const noexcept {
  const std::size_t slash = text_.rfind('/');
  return slash == std::string::npos ? std::string_view() : std::string_view(text_).substr(0, slash);
}

std::string_view RelPath::name() const noexcept {
  const std::size_t slash = text_.rfind('/');
  return slash == std::string::npos ? std::string_view(text_) : std::string_view(text_).substr(slash + 1);
}

Unfinished unfinished_by_name(std::string_view relative_path) noexcept {
  // So for nearly every path there is.
  if (!relative_path.starts_with('.') && relative_path.find("/.") == std::string_view::npos)
    return Unfinished::no;
  if (has_component(relative_path, ".~tmp~")) return Unfinished::surely;
  const std::size_t slash = relative_path.rfind('/');
  const std::size_t name = slash == std::string_view::npos ? 0 : slash + 1;
  return has_temporary_shape(relative_path.substr(name)) ? Unfinished::perhaps : Unfinished::no;
}

std::string_view describe(RelPath::Flaw flaw) noexcept {
  switch (flaw) {
    case RelPath::Flaw::none:
      return "no flaw";
    case RelPath::Flaw::empty:
      return "empty path";
    case RelPath::Flaw::absolute:
      return "absolute path";
    case RelPath::Flaw::nul:
      return "NUL byte";
    case RelPath::Flaw::dot_component:
      return "dot component";
    case RelPath::Flaw::empty_component:
      return "empty component";
    case RelPath::Flaw::too_long:
      return "too long";
    case RelPath::Flaw::bookkeeping:
      return "bookkeeping name";
  }
  return "unknown flaw";
}

}  // namespace recentd
