#include "support/tools/temp_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <tuple>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace recentd::test {

namespace {

bool g_case_failed = false;

// doctest tells listeners about each failed check, but offers no way to ask for the running case's state.
struct FailureListener : doctest::IReporter {
  explicit FailureListener(const doctest::ContextOptions&) {}
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_start(const doctest::TestCaseData&) override { g_case_failed = false; }
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override { g_case_failed = true; }
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData& data) override { g_case_failed |= data.m_failed; }
  void log_message(const doctest::MessageData& data) override {
    g_case_failed |= (data.m_severity & doctest::assertType::is_warn) == 0;
  }
  void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("recentd-failures", 1, FailureListener);

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw std::runtime_error(what + " " + path + ": " + std::strerror(errno));
}

bool is_bookkeeping(const std::string& name) {
  return name.starts_with("RECENT-") || name.starts_with("RECENT.recent") ||
         name.starts_with("RECENT.http") || name.starts_with(".FRMRecent-") || name == ".recentd" ||
         name.starts_with(".recentd/");
}

// type, text (bytes or link text), mtime in nanoseconds (files only)
using Facts = std::tuple<char, std::string, std::int64_t>;

std::map<std::string, Facts> facts_below(const std::string& root) {
  std::map<std::string, Facts> all;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    auto name = it->path().string().substr(root.size() + 1);
    if (is_bookkeeping(name)) {
      it.disable_recursion_pending();
      continue;
    }
    struct stat st {};
    if (::lstat(it->path().c_str(), &st) != 0) continue;  // gone while we look
    if (S_ISLNK(st.st_mode)) {
      all[name] = {'l', fs::read_symlink(it->path()).string(), 0};
    } else if (S_ISREG(st.st_mode)) {
      all[name] = {'f', read_file(it->path().string()).value_or(""),
                   st.st_mtim.tv_sec * 1'000'000'000LL + st.st_mtim.tv_nsec};
    } else if (!S_ISDIR(st.st_mode)) {
      all[name] = {'?', "", 0};
    }
  }
  return all;
}

const char* first_difference(const Facts& a, const Facts& b) {
  if (std::get<0>(a) != std::get<0>(b)) return "type of ";
  if (std::get<1>(a) != std::get<1>(b)) return std::get<0>(a) == 'l' ? "link text of " : "content of ";
  return std::get<2>(a) != std::get<2>(b) ? "mtime of " : nullptr;
}

}  // namespace

bool case_failed() noexcept {
  return g_case_failed;
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<std::string> differences(const std::string& left, const std::string& right) {
  const auto a = facts_below(left);
  const auto b = facts_below(right);
  std::vector<std::string> lines;
  for (const auto& [name, facts] : a) {
    const auto other = b.find(name);
    if (other == b.end()) {
      lines.push_back("only in " + left + ": " + name);
    } else if (const char* what = first_difference(facts, other->second)) {
      lines.push_back(what + name + " differs");
    }
  }
  for (const auto& [name, facts] : b) {
    if (!a.contains(name)) lines.push_back("only in " + right + ": " + name);
  }
  return lines;
}

TempTree::TempTree(std::string_view label) : exceptions_(std::uncaught_exceptions()) {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/recentd-" + std::string(label) +
          "-XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) fail("mkdtemp", path_);
  path_ = fs::canonical(path_).string();
}

TempTree::~TempTree() {
  if (g_case_failed || std::uncaught_exceptions() > exceptions_) {
    std::fprintf(stderr, "kept: %s\n", path_.c_str());
    return;
  }
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempTree::path(std::string_view relative) const {
  return path_ + "/" + std::string(relative);
}

std::string TempTree::write(std::string_view relative, std::string_view content) const {
  const auto file = path(relative);
  fs::create_directories(fs::path(file).parent_path());
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) fail("write", file);
  return file;
}

std::string TempTree::make_directory(std::string_view relative) const {
  auto directory = path(relative);
  fs::create_directories(directory);
  return directory;
}

void TempTree::make_link(std::string_view relative, std::string_view target) const {
  const auto link = path(relative);
  fs::create_directories(fs::path(link).parent_path());
  if (::symlink(std::string(target).c_str(), link.c_str()) != 0) fail("symlink", link);
}

void TempTree::remove(std::string_view relative) const {
  fs::remove_all(path(relative));
}

void TempTree::set_mtime(std::string_view relative, std::int64_t seconds, long nanoseconds) const {
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
                             {.tv_sec = seconds, .tv_nsec = nanoseconds}};
  const auto file = path(relative);
  if (::utimensat(AT_FDCWD, file.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) fail("utimensat", file);
}

std::optional<std::string> TempTree::read(std::string_view relative) const {
  return read_file(path(relative));
}

std::optional<std::string> TempTree::link(std::string_view relative) const {
  std::error_code error;
  const auto target = fs::read_symlink(path(relative), error);
  if (error) return std::nullopt;
  return target.string();
}

bool TempTree::exists(std::string_view relative) const {
  struct stat st {};
  return ::lstat(path(relative).c_str(), &st) == 0;
}

std::vector<std::string> TempTree::list(std::string_view relative) const {
  const auto root = relative.empty() ? path_ : path(relative);
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    auto name = entry.path().string().substr(root.size() + 1);
    if (entry.is_directory() && !entry.is_symlink()) name += '/';
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace recentd::test
