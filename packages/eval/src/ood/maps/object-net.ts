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
