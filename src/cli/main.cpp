#include <cstdio>
#include <exception>
#include <new>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "recentfile/lock_directory.hpp"
#include "sys/process/signals.hpp"

namespace {

int complain(const std::string& title, const std::string& message, int code) {
  std::fprintf(stderr, "%s: %s\n", title.c_str(), message.c_str());
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace recentd;
  std::string title = "recentd";
  int (*code)(Kind) = exit_code;
  sys::ignore_file_size_signal();
  try {
    const auto call = cli::find_call({argv, static_cast<std::size_t>(argc)});
    title = call.title;
    code = call.exit_code;
    lease_lock_owners(!call.lasts);
    const int result = call.run(call.arguments);
    cli::flush_output();
    return result;
  } catch (const Error& error) {
    return complain(title, error.what(), code(error.kind()));
  } catch (const std::bad_alloc&) {
    return complain(title, "out of memory", code(Kind::internal));
  } catch (const std::exception& error) {
    return complain(title, cat("internal error: ", error.what()), code(Kind::internal));
  }
}
