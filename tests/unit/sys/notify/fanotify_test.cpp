#include "sys/notify/fanotify.hpp"

#include <doctest/doctest.h>
#include <sys/fanotify.h>

using namespace recentd::sys;

namespace {

struct Seen {
  bool lost = false;
  Change change;
};

Seen report_of(std::uint64_t mask) {
  fanotify_event_metadata event{};
  event.event_len = event.metadata_len = sizeof event;
  event.mask = mask;
  Seen seen;
  Fanotify::parse({reinterpret_cast<const char*>(&event), sizeof event}, [&](const Fanotify::Report& report) {
    seen = {report.lost, report.change};
  });
  return seen;
}

}  // namespace

TEST_SUITE("sys::fanotify") {
  TEST_CASE("the kernel's bits are taken apart") {
    CHECK(report_of(FAN_Q_OVERFLOW).lost);
    CHECK_FALSE(report_of(FAN_CREATE).lost);
    CHECK(report_of(FAN_CREATE).change.made);
    CHECK(report_of(FAN_CLOSE_WRITE).change.written);
    CHECK(report_of(FAN_MOVED_TO).change.moved_in);
    CHECK(report_of(FAN_MOVED_FROM).change.gone);
    CHECK(report_of(FAN_DELETE).change.gone);
    const auto both = report_of(FAN_DELETE | FAN_CREATE | FAN_ONDIR).change;
    CHECK((both.gone && both.made && both.is_directory && !both.written && !both.moved_in));
  }
}
