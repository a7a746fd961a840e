#include "http/url.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace recentd::http {
namespace {

constexpr int k_http_port = 80, k_https_port = 443, k_port_max = 65535;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool is_clean(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F && c != '\\';
  });
}

int port_of(const std::string& scheme) {
  return scheme == "https" ? k_https_port : k_http_port;
}

// host[:port]; false if it is no such thing.
bool read_authority(std::string_view text, Url& url) {
  const auto bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const auto colon = text.find(':', bracket);
  url.host = lower(text.substr(0, colon));
  url.port = port_of(url.scheme);
  if (url.host.empty() || text.find('@') != std::string_view::npos) return false;
  if (colon == std::string_view::npos || colon + 1 == text.size()) return true;
  const auto digits = text.substr(colon + 1);
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
  return end.ec == std::errc() && end.ptr == digits.data() + digits.size() && url.port > 0 &&
         url.port <= k_port_max;
}

// Without `.` and `..`, as RFC 3986 has it; begins with '/'.
std::string without_dots(std::string_view path) {
  std::string result;
  const auto parts = split(path, '/');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    if (parts[i] == "..") result.erase(std::min(result.rfind('/'), result.size()));
    if (parts[i] == "." || parts[i] == "..") {
      if (last) result += '/';
      continue;
    }
    result += '/';
    result += parts[i];
  }
  return result.empty() ? "/" : result;
}

}  // namespace

std::string encoded(std::string_view name) {
  constexpr std::string_view k_digits = "0123456789ABCDEF", k_plain = "-._~/";
  std::string text;
  text.reserve(name.size());
  for (const char c : name) {
    if (is_letter_or_digit(c) || k_plain.find(c) != std::string_view::npos) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += {'%', k_digits[byte >> 4U], k_digits[byte & 0xFU]};
  }
  return text;
}

std::optional<Url> Url::parse(std::string_view text) {
  text = text.substr(0, text.find('#'));
  const auto colon = text.find("://");
  if (colon == std::string_view::npos || !is_clean(text)) return std::nullopt;
  Url url;
  url.scheme = lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
  text.remove_prefix(colon + 3);
  const auto end = std::min(text.find_first_of("/?"), text.size());
  if (!read_authority(text.substr(0, end), url)) return std::nullopt;
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

std::optional<Url> Url::resolve(std::string_view location) const {
  location = trimmed(location.substr(0, location.find('#')));
  if (location.empty() || !is_clean(location)) return std::nullopt;
  if (location.starts_with("//")) return parse(cat(scheme, ":", location));
  const auto colon = location.find(':');
  if (colon < location.find_first_of("/?")) return parse(location);
  auto moved = *this;
  const auto path = std::string_view(target).substr(0, target.find('?'));
  if (location.starts_with('?')) {
    moved.target = cat(path, location);
    return moved;
  }
  const auto query = std::min(location.find('?'), location.size());
  const auto base = location.starts_with('/') ? std::string_view() : path.substr(0, path.rfind('/') + 1);
  moved.target = cat(without_dots(cat(base, location.substr(0, query))), location.substr(query));
  return moved;
}

std::string Url::text() const {
  const bool usual = port == port_of(scheme);
  return cat(scheme, "://", host, usual ? std::string() : cat(":", port), target);
}

bool same_origin(const Url& from, const Url& to) {
  if (from.host != to.host) return false;
  if (from.scheme == to.scheme) return from.port == to.port;
  return from.scheme == "http" && from.port == k_http_port && to.port == k_https_port;
}

}  // namespace recentd::http
