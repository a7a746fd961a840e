#include <cstdio>

#include "audit/doctor/diagnosis.hpp"
#include "audit/doctor/source_look.hpp"
#include "base/text.hpp"
#include "cli/check/machine_doctor.hpp"
#include "cli/json_output.hpp"
#include "cli/source_options.hpp"
#include "sys/process/signals.hpp"

namespace recentd::cli {

const Usage& doctor_usage() {
  static const Usage row = {
      .command = "doctor",
      .operands = "[SOURCE]",
      .summary =
          "Tells what SOURCE is and can, what about it is slow, and what to put into the configuration of a\n"
          "mirror. Ends with code 0 if it can be mirrored, and else with the code that a mirror would end "
          "with. Without SOURCE: tells whether recentd can work on this machine, as its configuration says, "
          "and what to change, in commands.",
      .example = "recentd doctor https://origin.example.org/pub",
      .options = with_source_options(
          {{"json", nullptr, "one JSON object instead of lines"},
           {"config,c", "FILE",
            "without SOURCE: the configuration (default /etc/recentd/recentd.yaml, if it is there)"},
           {"no-upstreams", nullptr, "without SOURCE: ask no upstream"}})};
  return row;
}

namespace {

using audit::Diagnosis;

void print_lines(const std::string& source, const Diagnosis& diagnosis) {
  std::printf("%s\n", in_lines(cat(escaped(source), " ", diagnosis.verdict), 0).c_str());
  const auto print = [](const char* title, const std::vector<std::string>& lines) {
    for (const auto& line : lines) std::printf("  %-5s %s\n", title, in_lines(line, 8).c_str());
  };
  print("is", diagnosis.facts);
  print("slow", diagnosis.slow);
  print("do", diagnosis.advice);
  if (!diagnosis.configuration.empty())
    std::printf("\nfor the configuration of `recentd run`:\n\n%s", diagnosis.configuration.c_str());
}

std::string json_list(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += cat(text.empty() ? "" : ", ", json_quoted(line));
  return cat("[", text, "]");
}

void print_json(const std::string& source, const Diagnosis& diagnosis) {
  std::puts(JsonObject()
                .name("source", source)
                .boolean("fit", !diagnosis.fault)
                .text("verdict", diagnosis.verdict)
                .raw("facts", json_list(diagnosis.facts))
                .raw("slow", json_list(diagnosis.slow))
                .raw("advice", json_list(diagnosis.advice))
                .text("configuration", diagnosis.configuration)
                .str()
                .c_str());
}

}  // namespace

int cmd_doctor(Words words) {
  const auto arguments = Arguments::parse(doctor_usage(), words);
  if (!arguments) return 0;
  sys::install_stop_handlers();
  if (arguments->operands().empty()) {
    refuse_source_options(*arguments, "SOURCE", {"rsync"});
    return examine_machine(*arguments);
  }
  for (const char* name : {"config", "no-upstreams"})
    if (arguments->has(name)) throw Error(Kind::usage, cat("--", name, " does not go with SOURCE"));
  const auto options = source_connect(*arguments);
  const auto facts = audit::look_at_source(arguments->operand(0), options, system_clock());
  const auto diagnosis = audit::diagnose(facts);
  arguments->has("json") ? print_json(facts.source, diagnosis) : print_lines(facts.source, diagnosis);
  return diagnosis.fault ? exit_code(*diagnosis.fault) : 0;
}

}  // namespace recentd::cli
