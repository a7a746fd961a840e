#pragma once

// What recentd does otherwise than Perl's modules: the entries of recentd-perl(7) that oracle and golden
// player know, by their tags. A difference that neither of them declares by one of these is a failure.
namespace recentd::test::oracle::tag {

constexpr const char* k_burst_keeps_order = "Burst keeps order";
constexpr const char* k_objects_remember_nothing = "Objects remember nothing";
constexpr const char* k_broken_index_is_refused = "Broken index is refused";
constexpr const char* k_same_registration_changes_nothing = "Same registration changes nothing";
constexpr const char* k_newest_item_of_a_batch_wins = "Newest item of a batch wins";
constexpr const char* k_disorder_is_mended = "Disorder is mended";
constexpr const char* k_old_equal_epochs_do_not_end_a_batch = "Old equal epochs do not end a batch";
constexpr const char* k_type_is_new_or_delete = "Type is new or delete";
constexpr const char* k_path_that_no_mirror_can_make = "Path that no mirror can make";
constexpr const char* k_paths_lie_strictly_below_the_root = "Paths lie strictly below the root";
constexpr const char* k_sibling_is_outside = "Sibling is outside";
constexpr const char* k_paths_are_normalised_fully = "Paths are normalised fully";
constexpr const char* k_relative_path_counts_from_the_root = "Relative path counts from the root";
constexpr const char* k_bookkeeping_is_never_an_event = "Bookkeeping is never an event";
constexpr const char* k_new_dirtymark_always_differs = "New dirtymark always differs";
constexpr const char* k_fresh_epoch_is_above_all_old_ones = "Fresh epoch is above all old ones";
constexpr const char* k_unknown_keys_survive = "Unknown keys survive";
constexpr const char* k_name_of_the_file_counts = "Name of the file counts";
constexpr const char* k_dirty_events_reach_z = "Dirty events reach Z";
constexpr const char* k_lone_delete_reaches_z = "Lone delete reaches Z";
constexpr const char* k_settings_reach_the_larger_levels = "Settings reach the larger levels";
constexpr const char* k_deletes_stay_in_z_on_request = "Deletes stay in Z on request";
constexpr const char* k_kept_deletes_stay_kept = "Kept deletes stay kept";
constexpr const char* k_missed_event_is_merged = "Missed event is merged";
constexpr const char* k_no_larger_level_is_empty = "No larger level is empty";
constexpr const char* k_chain_is_checked_when_it_is_made = "Chain is checked when it is made";
constexpr const char* k_epochs_are_equal_by_value = "Epochs are equal by value";
constexpr const char* k_two_spellings_are_one_epoch = "Two spellings are one epoch";
constexpr const char* k_order_of_epochs_is_total = "Order of epochs is total";
constexpr const char* k_epoch_is_a_plain_decimal = "Epoch is a plain decimal";
constexpr const char* k_epoch_that_is_no_number = "Epoch that is no number";
constexpr const char* k_fresh_epochs_go_by_ticks = "Fresh epochs go by ticks";
constexpr const char* k_increasing_an_epoch_always_ends = "Increasing an epoch always ends";
constexpr const char* k_times_are_subtracted_exactly = "Times are subtracted exactly";
constexpr const char* k_interval_is_letter_and_digits = "Interval is letter and digits";
constexpr const char* k_window_is_exact = "Window is exact";
constexpr const char* k_bounds_are_not_floats = "Bounds are not floats";
constexpr const char* k_contains_compares_by_value = "Contains compares by value";
constexpr const char* k_news_of_incomplete_sets = "News of incomplete sets";
constexpr const char* k_news_has_each_path_once = "News has each path once";
constexpr const char* k_protocol_0_opens = "Protocol 0 opens";
constexpr const char* k_meta_keys_are_no_methods = "Meta keys are no methods";
constexpr const char* k_odd_bytes_are_escaped_in_yaml = "Odd bytes are escaped in YAML";
constexpr const char* k_done_ranges_are_joined = "Done ranges are joined";

}  // namespace recentd::test::oracle::tag
