#include "http/look.hpp"

#include <algorithm>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::http {
namespace {

constexpr std::uint64_t k_passed_over_max = std::uint64_t{64} << 10;  // more costs more than a new connection
constexpr std::size_t k_fields_max = 200;

class Hearer : public curl::Listener {
 public:
  Hearer(Answer& answer, std::size_t keep)
      : answer_(answer), keep_(keep), start_(std::chrono::steady_clock::now()) {}

  bool head(std::string_view line) noexcept override {
    try {
      if (line.starts_with("HTTP/")) {
        answer_.status_line = line;
        answer_.fields.clear();
      } else if (!line.empty() && answer_.fields.size() < k_fields_max) {
        answer_.fields.emplace_back(line);
      }
      if (!answer_.head.line(line)) return false;
    } catch (const std::exception&) {
      return false;
    }
    if (answer_.head.ended()) answer_.took = std::chrono::steady_clock::now() - start_;
    return true;
  }
  bool body(std::string_view bytes) noexcept override {
    try {
      answer_.body += bytes.substr(0, keep_ - std::min(keep_, answer_.body.size()));
    } catch (const std::exception&) {
      return false;
    }
    passed_over_ += bytes.size();
    return passed_over_ <= k_passed_over_max;
  }

 private:
  Answer& answer_;
  std::size_t keep_;
  std::chrono::steady_clock::time_point start_;
  std::uint64_t passed_over_ = 0;
};

bool same_letter(char a, char b) {
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return low(a) == low(b);
}

Url parsed(const transport::Address& address) {
  auto url = Url::parse(address.operand);
  if (!url)
    throw Error(Kind::usage, cat("source ", quoted(address.text),
                                 " is no URL of a directory; it looks like https://host/dir/"));
  return *std::move(url);
}

}  // namespace

std::string Answer::field(std::string_view name) const {
  for (const std::string_view line : fields)
    if (line.size() > name.size() && line[name.size()] == ':' &&
        std::ranges::equal(line.substr(0, name.size()), name, same_letter))
      return std::string(trimmed(line.substr(name.size() + 1)));
  return {};
}

Looker::Looker(const transport::Address& address, HttpSettings settings, const Stop& stop)
    : base_(parsed(address)),
      user_(address.user),
      netrc_(settings.netrc),
      stop_(stop),
      client_(settings.client) {
  if (user_.empty()) return;
  const transport::Password password(settings.password ? settings.password : address.password,
                                     settings.password_file);
  password_ = password.current().value_or("");
}

Answer Looker::get(const std::string& name, std::vector<std::string> headers, std::size_t keep) {
  Answer answer;
  Hearer hearer(answer, keep);
  auto url = base_;
  url.target += encoded(name);
  client_.start({.url = url.text(),
                 .headers = std::move(headers),
                 .user = user_,
                 .password = password_,
                 .netrc = netrc_},
                hearer);
  for (;;) {
    for (auto& ended : client_.run(stop_.fd(), std::chrono::milliseconds(500))) {
      answer.end = std::move(ended.end);
      return answer;
    }
    if (!stop_.requested()) continue;
    client_.abandon();
    answer.end = {curl::End::What::given_up, "stopped"};
    return answer;
  }
}

}  // namespace recentd::http
