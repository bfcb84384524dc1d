import { labelMap } from "../label-map.ts";
import { words } from "./parse.ts";

const folders = words(`
  alarm_clock backpack banana band_aid basket full_sized_towel beer_bottle bench bicycle binder_closed bottle_cap
  bread_loaf broom bucket butchers_knife can_opener candle cellphone chair clothes_hamper coffee_french_press
  combination_lock computer_mouse desk_lamp hand_towel_or_rag doormat dress dress_shoe_men drill drinking_cup
  drying_rack_for_dishes envelope fan frying_pan hair_dryer hammer helmet iron_for_clothes jeans keyboard ladle
  lampshade laptop_open lemon letter_opener lighter lipstick match measuring_cup microwave mixing_salad_bowl
  monitor mug nail_fastener necklace orange padlock paintbrush paper_towel pen pill_bottle pillow pitcher
  plastic_bag plate plunger pop_can portable_heater printer remote_control ruler running_shoe safety_pin
  salt_shaker sandal screw shovel skirt sleeping_bag soap_dispenser sock soup_bowl spatula speaker still_camera
  strainer stuffed_animal suit_jacket sunglasses sweater swimming_trunks t-shirt tv teapot tennis_racket tie
  toaster toilet_paper_roll trash_bin tray umbrella vacuum_cleaner vase wallet watch water_bottle weight_exercise
  weight_scale wheel whistle wine_bottle winter_glove wok
`);

// One or more ImageNet classes for each folder, in the same order.
const sources = words(`
  409,530 414 954 419 790 434 440 703 444,671 446 455 930 462 463 499 473 470 487 423,559,765 588 550 507 673 846
  533 539 578 630 740 968 729 549 545 567 589 587 518,560 606 608 508 618 619 620 951 623 626 629 644 647 651 659
  664 504 677 679 950 695 696 700 418,563,749 720 721 725 728 923 731 737 811 742 761 769 770 772 773 774 783 792
  601,655,689 797 804 806 809 813 632 732,759 828 850 834 837 841 842 610 851 849 752 457,906 859 999 412 868 879
  882 883 893 531 898 543 778 479,694 902 907 658 909
`);

/**
 * ObjectNet: the 113 of its 313 classes that ImageNet has too, named as the folders are, with the 125 ImageNet classes that stand
 * for them.
 *
 * Barbu et al., "ObjectNet", NeurIPS 2019. The map is `mapping_files/imagenet_id_to_objectnet_id.json` of
 * abarbu/objectnet-template-tensorflow @ ec2a852; folder names from modestyachts/imagenet-testbed @ 0170eec (MIT).
 */
export const objectNet = labelMap({
  name: "objectnet",
  sourceClasses: 1000,
  classes: folders,
  sources: sources.map((list) => list.split(",").map(Number)),
});

/**
 * The other 200 folders of ObjectNet: no class of ImageNet stands for them, and their images do not count.
 *
 * `folder_to_objectnet_label.json` of modestyachts/imagenet-testbed @ 0170eec (MIT), less those above.
 */
export const objectNetOthers = words(`
  air_freshener baking_sheet baseball_bat baseball_glove bathrobe battery bed_sheet beer_can belt bike_pump
  bills_money biscuits blanket blender blouse board_game book_closed bookend boots bottle_opener bottle_stopper box
  bracelet bread_knife briefcase brooch butter button calendar canned_food cd_case cellphone_case cellphone_charger
  cereal cheese chess_piece chocolate chopstick clothes_hanger coaster coffee_beans coffee_grinder coffee_machine
  coffee_table coin_money comb contact_lens_case cooking_oil_bottle cork cutting_board deodorant detergent dish_soap
  document_folder_closed dog_bed drawer_open dress_pants dress_shirt dress_shoe_women drinking_straw
  drying_rack_for_clothes dust_pan dvd_player earbuds earring egg egg_carton eraser_white_board extension_cable
  eyeglasses figurine_or_statue first_aid_kit flashlight floss_container flour_container fork glue_container
  hair_brush hairclip hairtie hand_mirror handbag hat headphones_over_ear honey_container ice ice_cube_tray
  ironing_board jam jar kettle key_chain laptop_charger leaf leggings lettuce light_bulb loofah magazine makeup
  makeup_brush marker milk mouse_pad mouthwash multitool nail_clippers nail_file nail_polish napkin newspaper
  night_light nightstand notebook notepad nut_for_screw oven_mitts paint_can paper paper_bag paper_plates paperclip
  peeler pencil pepper_shaker pet_food_container phone_landline photograph_printed pill_organizer placemat
  plastic_cup plastic_wrap playing_cards pliers poster power_bar power_cable raincoat rake razor receipt
  removable_blade ribbon ring rock rolling_pin scarf scissors scrub_brush sewing_kit shampoo_bottle shoelace shorts
  skateboard slipper soap_bar sponge spoon spray_bottle squeegee squeeze_bottle standing_lamp stapler step_stool
  stopper_sink_tub sugar_container suitcase table_knife tablecloth tablet_ipad tanktop tape tape_measure tarp teabag
  thermometer thermos throw_pillow tissue tomato tongs toothbrush toothpaste tote_bag toy trash_bag travel_case
  trophy tweezers usb_cable usb_flash_drive video_camera walker walking_cane water_filter webcam whisk wine_glass
  wrench ziploc_bag
`);
