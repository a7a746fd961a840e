#include "lib/sodium/digest.hpp"

#include <sodium.h>

#include <recentd/error.hpp>

namespace recentd::sodium {
namespace {

// Chooses what this processor is fastest at; safe to call again, from any thread.
void demand_library() {
  static const bool ready = ::sodium_init() >= 0;
  if (!ready) throw Error(Kind::internal, "libsodium cannot be used");
}

}  // namespace

struct Digest::State {
  crypto_generichash_state value;
};

Digest::Digest() : state_(std::make_unique<State>()) {
  demand_library();
  if (::crypto_generichash_init(&state_->value, nullptr, 0, crypto_generichash_BYTES) != 0)
    throw Error(Kind::internal, "libsodium cannot be used");
}

Digest::~Digest() = default;

void Digest::update(std::string_view bytes) noexcept {
  ::crypto_generichash_update(&state_->value, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
}

std::string Digest::hex() {
  unsigned char bytes[crypto_generichash_BYTES];
  ::crypto_generichash_final(&state_->value, bytes, sizeof bytes);
  std::string text(2 * sizeof bytes + 1, '\0');
  ::sodium_bin2hex(text.data(), text.size(), bytes, sizeof bytes);
  text.pop_back();
  return text;
}

std::array<char, 32> digest_of(std::string_view bytes) {
  demand_library();
  std::array<char, 32> digest{};
  static_assert(digest.size() == crypto_generichash_BYTES);
  ::crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(),
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr, 0);
  return digest;
}

}  // namespace recentd::sodium
