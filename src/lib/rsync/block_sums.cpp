#include "lib/rsync/block_sums.hpp"

#include <array>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "lib/rsync/functions.hpp"

namespace recentd::librsync {

struct BlockSums::Impl {
  struct Free {
    void operator()(rs_job_t* job) const noexcept { functions().job_free(job); }
  };

  // Until all of it is taken and what it gives is here.
  void run(std::string_view bytes, bool last) {
    rs_buffers_t buffers{};
    buffers.next_in = const_cast<char*>(bytes.data());  // which the library only reads
    buffers.avail_in = bytes.size();
    buffers.eof_in = last ? 1 : 0;
    for (;;) {
      buffers.next_out = out.data();
      buffers.avail_out = out.size();
      const auto result = functions().job_iter(job.get(), &buffers);
      text.append(out.data(), out.size() - buffers.avail_out);
      if (result == RS_DONE) return;
      if (result != RS_BLOCKED)
        throw Error(Kind::io, cat("librsync cannot make a signature: ", functions().strerror(result)));
      if (!last && buffers.avail_in == 0 && buffers.avail_out > 0) return;
    }
  }

  std::unique_ptr<rs_job_t, Free> job;
  std::array<char, std::size_t{64} << 10> out;
  std::string text;
};

BlockSums::BlockSums(std::size_t block_bytes, std::size_t strong_bytes) : impl_(std::make_unique<Impl>()) {
  impl_->job.reset(functions().sig_begin(block_bytes, strong_bytes, RS_RK_BLAKE2_SIG_MAGIC));
  if (!impl_->job) throw Error(Kind::io, "librsync cannot begin a signature");
}

BlockSums::~BlockSums() = default;

void BlockSums::update(std::string_view bytes) {
  if (!bytes.empty()) impl_->run(bytes, false);
}

std::string BlockSums::finish() {
  impl_->run({}, true);
  return std::move(impl_->text);
}

}  // namespace recentd::librsync
