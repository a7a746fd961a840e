#include "audit/doctor/web_look.hpp"

#include "base/text.hpp"
#include "http/look.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/source.hpp"

namespace recentd::audit {
namespace {

using Failure = SourceFacts::Failure;
using What = Failure::What;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_page(const std::string& type) {
  return type.starts_with("text/html") || type.starts_with("application/xhtml");
}

std::optional<Failure> unreachable(const curl::End& end) {
  using Ended = curl::End::What;
  if (end.what == Ended::complete || end.what == Ended::given_up) return {};
  return Failure{end.what == Ended::untrusted ? What::untrusted : What::unreachable, end.message,
                 Kind::transport};
}

// The links of a listing that name an index.
std::vector<std::string> indexes_in(std::string_view page) {
  constexpr std::string_view k_link = "href=\"";
  constexpr std::size_t k_most = 10;
  std::vector<std::string> names;
  for (auto at = page.find(k_link); at != std::string_view::npos && names.size() < k_most;
       at = page.find(k_link, at)) {
    at += k_link.size();
    auto name = page.substr(at, page.find('"', at) - at);
    if (name.starts_with("./")) name.remove_prefix(2);
    if (upstream::is_link_name(name) && name.find_first_of("/?&%") == std::string_view::npos)
      names.emplace_back(name);
  }
  return names;
}

constexpr const char *k_no_cache = "Cache-Control: no-cache", *k_first_byte = "Range: bytes=0-0";
constexpr std::size_t k_listing_bytes = std::size_t{64} << 10;

class ServerLook {
 public:
  ServerLook(const transport::Address& address, const ConnectOptions& options, const std::string& link,
             Clock& clock)
      : looker_(address, upstream::http_settings(options), clock.stop()),
        base_(http::Url::parse(address.operand)),
        link_(link),
        anywhere_(options.http.redirects == HttpOptions::Redirects::any),
        now_(std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count()) {}

  WebLook run() {
    const auto first = looker_.get(link_, {k_no_cache});
    if (auto failure = unreachable(first.end); failure && first.head.status == 0) return {{}, failure};
    take(first);
    auto failure = judge(first);
    if (!failure && first.head.status == 200) try_out(first.head);
    return {std::move(web_), std::move(failure)};
  }

 private:
  void take(const http::Answer& answer) {
    const auto& head = answer.head;
    web_.version = answer.status_line.substr(0, answer.status_line.find(' '));
    web_.server = answer.field("server");
    web_.status = head.status;
    web_.leads_to = head.location;
    web_.page = is_page(head.type);
    web_.versions = !head.etag.empty() || head.modified;
    if (head.date) web_.ahead_s = *head.date - now_;
    const auto age = parse_unsigned(answer.field("age"));
    web_.from_cache = age.has_value();
    web_.cached_s = static_cast<std::int64_t>(age.value_or(0));
    if (web_.from_cache && web_.ahead_s)
      *web_.ahead_s += web_.cached_s;  // it tells when it came into the cache
    web_.took = answer.took;
  }

  std::optional<Failure> judge(const http::Answer& answer) {
    const int status = answer.head.status;
    const auto says = cat("it answers ", status, " for ", quoted(link_));
    if (status == 401 || status == 407)
      return Failure{What::wants_password, cat(says, ": it wants a user name and password, or other ones"),
                     Kind::transport};
    if (status == 429 || status == 503) {
      const auto pause = http::wished_pause(answer.head);
      return Failure{
          What::busy,
          cat(says, ": it is busy",
              pause ? cat(", and wishes not to be asked for ", pause->count(), " s") : std::string()),
          Kind::transport};
    }
    if (status == 403) return Failure{What::forbidden, cat(says, ": it forbids that"), Kind::transport};
    if (status == 404 || status == 410) return missing();
    if (is_redirect(status)) return redirected();
    if (status == 200 && web_.page)
      return Failure{What::page, cat("it gives a page in HTML for ", quoted(link_)), Kind::corrupt};
    if (status != 200) return Failure{What::unreachable, says, Kind::transport};
    if (const auto& encoding = answer.head.encoding; !encoding.empty() && encoding != "identity")
      return Failure{What::encoded, cat("it encodes ", quoted(link_), " as ", quoted(encoding), " unasked"),
                     Kind::transport};
    return {};
  }

  std::optional<Failure> missing() {
    const auto directory = looker_.get({}, {}, k_listing_bytes);
    web_.directory_status = directory.head.status;
    web_.indexes = indexes_in(directory.body);
    if (web_.directory_status == 404 || web_.directory_status == 410)
      return Failure{What::no_such_place,
                     "there is no such directory, or nobody may list it, and no index in it", Kind::missing};
    return Failure{What::no_index,
                   cat("there is no ", quoted(link_),
                       web_.directory_status == 200 ? ", though it lists the directory" : ""),
                   Kind::missing};
  }

  // Those that a mirror follows are none of our business.
  std::optional<Failure> redirected() {
    const auto to = base_ ? base_->resolve(web_.leads_to) : std::nullopt;
    if (to && (anywhere_ || http::same_origin(*base_, *to))) return {};
    return Failure{What::leads_elsewhere, cat("it leads to ", quoted(to ? to->text() : web_.leads_to)),
                   Kind::transport};
  }

  void try_out(const http::Head& head) {
    std::vector<std::string> conditions;
    if (!head.etag.empty()) conditions.push_back(cat("If-None-Match: ", head.etag));
    if (head.modified) conditions.push_back(cat("If-Modified-Since: ", http::date_text(*head.modified)));
    if (!conditions.empty()) {
      const auto again = looker_.get(link_, conditions);
      web_.conditions = again.head.status == 304;
      web_.took = again.took;
    }
    web_.ranges = looker_.get(link_, {k_first_byte}).head.status == 206;
  }

  http::Looker looker_;
  std::optional<http::Url> base_;
  std::string link_;
  bool anywhere_;
  std::int64_t now_;
  WebFacts web_;
};

}  // namespace

std::vector<std::optional<std::uint64_t>> sizes_at_web_server(const transport::Address& address,
                                                              const ConnectOptions& options,
                                                              const std::vector<std::string>& names,
                                                              Clock& clock) {
  http::Looker looker(address, upstream::http_settings(options), clock.stop());
  std::vector<std::optional<std::uint64_t>> sizes;
  for (const auto& name : names) {
    const auto head = looker.get(name, {k_first_byte}).head;
    auto& size = sizes.emplace_back();
    if (head.status == 206 && head.range) size = head.range->total.value_or(0);
    if (head.status == 200) size = head.length.value_or(0);
    if (head.status == 416) size = 0;
  }
  return sizes;
}

WebLook look_at_web_server(const transport::Address& address, const ConnectOptions& options,
                           const std::string& link, Clock& clock) {
  return ServerLook(address, options, link, clock).run();
}

}  // namespace recentd::audit
