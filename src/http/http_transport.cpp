#include "http/http_transport.hpp"

#include <future>
#include <thread>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "http/fetch.hpp"
#include "http/ranges.hpp"
#include "sys/process/signal_free_thread.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::http {
namespace {

constexpr auto k_now_and_then = std::chrono::seconds(1);

Url parsed(const transport::Address& address) {
  auto url = Url::parse(address.operand);
  if (!url)
    throw Error(Kind::usage, cat("source ", quoted(address.text),
                                 " is no URL of a directory; it looks like https://host/dir/"));
  return *std::move(url);
}

}  // namespace

HttpTransport::HttpTransport(const transport::Address& address, HttpSettings settings, const Stop& stop)
    : text_(address.text),
      base_(parsed(address)),
      user_(address.user),
      settings_(std::move(settings)),
      password_(settings_.password ? settings_.password : address.password,
                user_.empty() ? std::string() : settings_.password_file),
      stop_(stop),
      slots_(settings_.client.connections) {
  clients_.push_back(std::make_unique<curl::Client>(settings_.client));
}

std::unique_ptr<curl::Client> HttpTransport::take_client() {
  {
    const std::lock_guard lock(mutex_);
    if (!clients_.empty()) {
      auto client = std::move(clients_.back());
      clients_.pop_back();
      return client;
    }
  }
  return std::make_unique<curl::Client>(settings_.client);
}

void HttpTransport::give_back(std::unique_ptr<curl::Client> client) {
  client->abandon();
  const std::lock_guard lock(mutex_);
  clients_.push_back(std::move(client));
}

Origin HttpTransport::origin() const {
  Origin origin{.base = base_,
                .user = user_,
                .netrc = settings_.netrc,
                .redirects_anywhere = settings_.redirects_anywhere};
  if (!user_.empty()) origin.password = password_.current().value_or("");
  return origin;
}

transport::FetchResult HttpTransport::fetch(const transport::FetchRequest& request) {
  Fetch fetch(*this, request);
  if (!request.meanwhile && !request.now_and_then) return fetch.run();
  // Whoever has other work does it on his own thread, while another one attends to the connections.
  transport::FetchResult result;
  std::exception_ptr failure;
  std::thread other;
  std::promise<void> end;
  const auto work = [&] {
    try {
      result = fetch.run();
    } catch (...) {
      failure = std::current_exception();
    }
    end.set_value();
  };
  try {
    other = sys::signal_free_thread(work);
  } catch (const std::system_error&) {
    work();
  }
  try {
    if (request.meanwhile) request.meanwhile();
    const auto ended = end.get_future();
    while (request.now_and_then && ended.wait_for(k_now_and_then) != std::future_status::ready)
      request.now_and_then();
  } catch (...) {
    fetch.give_up();
    if (other.joinable()) other.join();
    throw;
  }
  if (other.joinable()) other.join();
  if (failure) std::rethrow_exception(failure);
  return result;
}

transport::RangesResult HttpTransport::fetch_ranges(const transport::RangesRequest& request) {
  return RangesFetch(*this, request).run();
}

std::optional<transport::Problem> HttpTransport::compare(const std::string& directory, const Names& names,
                                                         By how, const Each& each) {
  using transport::Outcome;
  using What = Difference::What;
  transport::FetchRequest request{.names = names.names, .destination = directory};
  request.expected = names.expected;
  if (how == By::checksum) request.compare = transport::FetchRequest::Compare::checksums;
  const auto result = Fetch(*this, request, Fetch::Purpose::comparison).run();
  if (result.problem) return result.problem;
  sys::Dir here(directory);
  if (settings_.keep_dirlinks) here.follow_links();
  for (std::size_t i = 0; i < request.names.size(); ++i) {
    const auto outcome = result.outcomes[i];
    if (outcome == Outcome::unchanged) continue;
    const auto path = RelPath::parse(request.names[i], sys::any_name());
    const bool is_here = path && here.lstat(*path);
    if (outcome == Outcome::transferred || outcome == Outcome::in_the_way)
      each({is_here ? What::differs : What::only_there, request.names[i], {}});
    else if (outcome != Outcome::vanished)
      each({What::unknown, request.names[i], result.messages[i]});
    else if (is_here)
      each({What::only_here, request.names[i], {}});
  }
  return std::nullopt;
}

transport::Transport::Listing HttpTransport::list(const std::string&) {
  return {.names = {}, .problem = {}, .possible = false};
}

}  // namespace recentd::http
