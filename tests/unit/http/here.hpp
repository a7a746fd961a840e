#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <recentd/error.hpp>

#include "http/http_transport.hpp"
#include "support/tools/temp_tree.hpp"

// A place to fetch into over HTTP, and what became of it in words.
namespace recentd::http::test {

using namespace std::chrono_literals;
using recentd::test::TempTree;
using transport::Address;
using transport::FetchRequest;
using transport::FetchResult;
using transport::Outcome;
using Nature = transport::Problem::Nature;

// A directory to fetch into.
struct Here {
  TempTree tree{"here"};
  std::string root = tree.make_directory("root");

  [[nodiscard]] std::shared_ptr<Workshop> workshop(const char* boot = "boot") const {
    return std::make_shared<Workshop>(tree.path("parts"), boot);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    return tree.read("root/" + name).value_or("(none)");
  }
  [[nodiscard]] FetchRequest request(std::vector<std::string> names) const {
    return {.names = std::move(names), .destination = root};
  }
  // Nothing but what was asked for, or nothing at all.
  [[nodiscard]] std::string listing() const {
    std::string all;
    for (const auto& name : tree.list("root")) all += name + " ";
    return all;
  }
};

inline HttpSettings quick() {
  return {.client = {.silence = 20s, .connections = 4}};
}

inline FetchResult fetch(const std::string& url, const FetchRequest& request,
                         HttpSettings settings = quick()) {
  Stop stop;
  HttpTransport transport(Address::parse(url), std::move(settings), stop);
  return transport.fetch(request);
}

// The only name's outcome and words, or the problem's.
inline std::string told(const FetchResult& result) {
  static const std::map<Outcome, std::string> words = {
      {Outcome::not_tried, "not tried"},  {Outcome::transferred, "transferred"},
      {Outcome::unchanged, "unchanged"},  {Outcome::vanished, "vanished"},
      {Outcome::failed, "failed"},        {Outcome::differs, "differs"},
      {Outcome::skipped_size, "size"},    {Outcome::skipped_link, "link"},
      {Outcome::in_the_way, "in the way"}};
  std::string text;
  for (std::size_t i = 0; i < result.outcomes.size(); ++i)
    text +=
        words.at(result.outcomes[i]) + (result.messages[i].empty() ? "" : ": " + result.messages[i]) + "\n";
  return result.problem ? text + "problem: " + result.problem->message : text;
}

}  // namespace recentd::http::test
