#include "lib/curl/client.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "lib/curl/ends.hpp"
#include "lib/curl/functions.hpp"

namespace recentd::curl {
namespace {

using Time = std::chrono::nanoseconds;

constexpr long k_buffer_bytes = 128L << 10;
constexpr Time k_longest_wait = std::chrono::milliseconds(500);  // the silent are looked at as often

Time steady_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

struct EndEasy {
  void operator()(CURL* easy) const { functions().easy_cleanup(easy); }
};
struct EndMulti {
  void operator()(CURLM* multi) const { functions().multi_cleanup(multi); }
};
struct EndList {
  void operator()(curl_slist* list) const { functions().slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, EndList>;

[[noreturn]] void no_memory() {
  throw Error(Kind::io, "libcurl: no memory for another connection");
}

List list_of(const std::vector<std::string>& lines) {
  List list;
  for (const auto& line : lines) {
    curl_slist* const longer = functions().slist_append(list.get(), line.c_str());
    if (longer == nullptr) no_memory();
    (void)list.release();
    list.reset(longer);
  }
  return list;
}

// A request, or the room for the next one.
struct Transfer {
  explicit Transfer(sys::StallLimit limit) : easy(functions().easy_init()), watch(limit, steady_now()) {
    if (!easy) no_memory();
  }

  template <class Value>
  void set(CURLoption option, Value value) {
    if (functions().easy_setopt(easy.get(), option, value) == CURLE_OK) return;
    throw Error(Kind::transport, cat("libcurl does not take option ", static_cast<int>(option),
                                     "; 7.85 or newer with TLS is needed"));
  }

  void note(std::size_t count) {
    bytes += count;
    heard_at = steady_now();
  }

  std::unique_ptr<CURL, EndEasy> easy;
  Listener* listener = nullptr;
  List headers;
  sys::StallWatch watch;
  std::uint64_t bytes = 0;
  Time heard_at{0};
  bool enough = false;  // as the listener said
  std::array<char, CURL_ERROR_SIZE> error{};
};

std::string_view without_line_end(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// What libcurl calls. Less than all bytes ends the transfer.
std::size_t take_head(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.note(size * count);
  transfer.enough = !transfer.listener->head(without_line_end({bytes, size * count}));
  return transfer.enough ? 0 : size * count;
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.note(size * count);
  transfer.enough = !transfer.listener->body({bytes, size * count});
  return transfer.enough ? 0 : size * count;
}

}  // namespace

struct Client::Impl {
  explicit Impl(ClientSettings given) : settings(std::move(given)), multi(functions().multi_init()) {
    if (!multi) no_memory();
    const auto most = static_cast<long>(std::max<std::size_t>(settings.connections, 1));
    functions().multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, most);
    functions().multi_setopt(multi.get(), CURLMOPT_MAX_HOST_CONNECTIONS, most);
  }

  std::unique_ptr<Transfer> make() const;
  void secure(Transfer& transfer) const;
  void perform();
  void watch(std::vector<Ended>& ended);
  void collect(std::vector<Ended>& ended);
  void finish(std::size_t i, End end, std::vector<Ended>& ended);

  ClientSettings settings;
  std::unique_ptr<CURLM, EndMulti> multi;
  std::vector<std::unique_ptr<Transfer>> busy, idle;
};

// What all requests have in common is told once: a handle is used over and over.
std::unique_ptr<Transfer> Client::Impl::make() const {
  auto transfer = std::make_unique<Transfer>(settings.stall);
  transfer->set(CURLOPT_PRIVATE, transfer.get());
  transfer->set(CURLOPT_ERRORBUFFER, transfer->error.data());
  transfer->set(CURLOPT_HEADERFUNCTION, &take_head);
  transfer->set(CURLOPT_HEADERDATA, transfer.get());
  transfer->set(CURLOPT_WRITEFUNCTION, &take_body);
  transfer->set(CURLOPT_WRITEDATA, transfer.get());
  transfer->set(CURLOPT_NOSIGNAL, 1L);
  transfer->set(CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for the name server
  transfer->set(CURLOPT_PROTOCOLS_STR, "http,https");
  transfer->set(CURLOPT_FOLLOWLOCATION, 0L);
  transfer->set(CURLOPT_PATH_AS_IS, 1L);
  transfer->set(CURLOPT_HTTP09_ALLOWED, 0L);
  transfer->set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  transfer->set(CURLOPT_TCP_NODELAY, 1L);
  transfer->set(CURLOPT_TCP_KEEPALIVE, 1L);
  transfer->set(CURLOPT_BUFFERSIZE, k_buffer_bytes);
  transfer->set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  transfer->set(CURLOPT_USERAGENT, "recentd");
  transfer->set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings.silence.count()));
  transfer->set(CURLOPT_HTTP_VERSION,
                static_cast<long>(settings.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  if (settings.http2) transfer->set(CURLOPT_PIPEWAIT, 1L);
  if (!settings.proxy.empty())
    transfer->set(CURLOPT_PROXY, settings.proxy == "none" ? "" : settings.proxy.c_str());
  secure(*transfer);
  return transfer;
}

void Client::Impl::secure(Transfer& transfer) const {
  transfer.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  transfer.set(CURLOPT_SSL_VERIFYPEER, 1L);
  transfer.set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings.ca_file.empty()) transfer.set(CURLOPT_CAINFO, settings.ca_file.c_str());
  if (settings.client_cert.empty()) return;
  transfer.set(CURLOPT_SSLCERT, settings.client_cert.c_str());
  transfer.set(CURLOPT_SSLKEY,
               (settings.client_key.empty() ? settings.client_cert : settings.client_key).c_str());
}

void Client::Impl::perform() {
  int running = 0;
  const auto code = functions().multi_perform(multi.get(), &running);
  if (code != CURLM_OK) throw Error(Kind::io, cat("libcurl: ", functions().multi_strerror(code)));
}

void Client::Impl::finish(std::size_t i, End end, std::vector<Ended>& ended) {
  auto transfer = std::move(busy[i]);
  busy.erase(busy.begin() + static_cast<std::ptrdiff_t>(i));
  functions().multi_remove_handle(multi.get(), transfer->easy.get());
  ended.push_back({transfer->listener, std::move(end)});
  transfer->listener = nullptr;
  idle.push_back(std::move(transfer));
}

void Client::Impl::collect(std::vector<Ended>& ended) {
  int left = 0;
  while (const CURLMsg* const message = functions().multi_info_read(multi.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto code = message->data.result;
    const auto at = std::find_if(busy.begin(), busy.end(), [&](const auto& transfer) {
      return transfer->easy.get() == message->easy_handle;
    });
    if (at == busy.end()) continue;
    const Transfer& transfer = **at;
    End end{End::What::given_up, {}};
    if (!transfer.enough)
      end = end_of(code, transfer.error[0] != 0 ? transfer.error.data() : functions().easy_strerror(code),
                   transfer.bytes > 0);
    finish(static_cast<std::size_t>(at - busy.begin()), std::move(end), ended);
  }
}

// Ends what says nothing, or too little.
void Client::Impl::watch(std::vector<Ended>& ended) {
  const auto now = steady_now();
  for (std::size_t i = busy.size(); i-- > 0;) {
    Transfer& transfer = *busy[i];
    if (now - transfer.heard_at > settings.silence) {
      finish(i, {End::What::unreachable, cat("the server said nothing for ", settings.silence.count(), " s")},
             ended);
    } else if (now >= transfer.watch.next_look()) {
      if (const auto stall = transfer.watch.look(now, transfer.bytes))
        finish(i,
               {End::What::unreachable,
                cat("the server stood still: ", stall->bytes, " bytes in ",
                    std::chrono::duration_cast<std::chrono::seconds>(stall->time).count(), " s")},
               ended);
    }
  }
}

Client::Client(ClientSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}

Client::~Client() {
  abandon();
}

std::size_t Client::under_way() const noexcept {
  return impl_->busy.size();
}

void Client::start(const Request& request, Listener& listener) {
  if (impl_->idle.empty()) impl_->idle.push_back(impl_->make());
  auto transfer = std::move(impl_->idle.back());
  impl_->idle.pop_back();
  transfer->listener = &listener;
  transfer->bytes = 0;
  transfer->enough = false;
  transfer->error[0] = 0;
  transfer->heard_at = steady_now();
  auto stall = impl_->settings.stall;
  // What is held back for our own sake is no standing still.
  if (request.bytes_per_s != 0) stall.bytes_per_s = std::min(stall.bytes_per_s, request.bytes_per_s / 2);
  transfer->watch = sys::StallWatch(stall, transfer->heard_at);
  transfer->set(CURLOPT_URL, request.url.c_str());
  transfer->headers = list_of(request.headers);
  transfer->set(CURLOPT_HTTPHEADER, transfer->headers.get());
  transfer->set(CURLOPT_USERNAME, request.user.empty() ? nullptr : request.user.c_str());
  transfer->set(CURLOPT_PASSWORD, request.user.empty() ? nullptr : request.password.c_str());
  transfer->set(CURLOPT_NETRC, static_cast<long>(request.netrc ? CURL_NETRC_OPTIONAL : CURL_NETRC_IGNORED));
  transfer->set(CURLOPT_MAX_RECV_SPEED_LARGE, static_cast<curl_off_t>(request.bytes_per_s));
  const auto code = functions().multi_add_handle(impl_->multi.get(), transfer->easy.get());
  if (code != CURLM_OK) throw Error(Kind::io, cat("libcurl: ", functions().multi_strerror(code)));
  impl_->busy.push_back(std::move(transfer));
}

std::vector<Client::Ended> Client::run(int wake_fd, Time limit) {
  std::vector<Ended> ended;
  impl_->perform();
  impl_->collect(ended);
  if (!ended.empty() || impl_->busy.empty()) return ended;
  curl_waitfd wake{wake_fd, CURL_WAIT_POLLIN, 0};
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::clamp(limit, Time{0}, k_longest_wait));
  int ready = 0;
  functions().multi_poll(impl_->multi.get(), &wake, wake_fd >= 0 ? 1 : 0, static_cast<int>(wait.count()),
                         &ready);
  impl_->perform();
  impl_->collect(ended);
  impl_->watch(ended);
  return ended;
}

void Client::abandon() {
  for (auto& transfer : std::exchange(impl_->busy, {}))
    functions().multi_remove_handle(impl_->multi.get(), transfer->easy.get());
}

}  // namespace recentd::curl
