/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How likely a text is, by its characters. Real tables of Chinese companies have 80 of 100 characters from the list below; Japanese
 * and Korean files read as GB18030 have 40, Big5 and Western ones hardly any, because their bytes fall among thousands of rare ones.
 */
#include "server/tables/encoding_priv.h"
#include "shared/base/utf8.h"

/* Names, places, words of headers, in ascending order: simplified, and traditional where names keep it. */
static const char *const common[] = {
    "一丁七万三上下不与专且世丘丙业丛东两严个中丰临丹为主丽乃久么义之乌乐乔九也乡书乾",
    "了争事二于云五井亚些交产亨京亭亮人什仁仇今介从仓仕他付仙代令以仪们仲件任份伊伍伏",
    "休众会伟传伦伯但位住佐佑体何佘余佛作佟你佩佳使侗依侨侯便俊保俞信修候倩倪倫假偉做",
    "健傅傑備傳像僧儀儉儒儲儿允元充兆先光克兒党入全八公六兰共关兴兵其冀内冉再军农冠冯",
    "冰冲决冶冷准凌凝几凡凤凯凰出刁分切划列刘则刚初別利别到制則剌前剛副劉力办功加务动",
    "助勇勉勋勐勒勛勝勤勳包化北匡区十千升午华卓单南博卜卞卡卢卫印危即却卿厂厅历压厚原",
    "去县又叉及友双反发叔取受变叟口古只召可台史右叶号司各合吉同名后吐向吕君否听启吳吴",
    "吾呂告员周呼命和咏咸品哈員哲唐售商問啟喀善喜喬單喻嗣嘉嘎器嚴四回因团园固国图國圍",
    "圓圖土圣在圩圭地场址均坊坎坑坚坝坡坤坦坪型垣城埠培基堂堅堆堡堯堰塔塘增墨墩壁士壮",
    "声壽处备复夏夔外多夢大天太夫头奇奉奎奕女她好如妍妙妮妹始姓委姚姜姣姬姻威娄娅娘娜",
    "娟娣娴婁婉婕婚婵婷媛子孔存孙孚孜孝孟季学孫學宁它宇守安宋完宏宗官定宜宝实审客宣室",
    "宫家宸容宿寂寅密寇富寒察實寧寨寬寶对寺导寿封将導小少尔尖尚尤就尹尼层居屈届屏展属",
    "屠履屯山岐岑岔岗岚岩岭岱岳岸峡峪峰崇崔崖嵩嶽巖川州工左巧巨巩巫己已巴巷市布师希帖",
    "帝带師席常幢干平年并幼广庄庆序库应底店庙庚府庞度座庭庵康庸廉廖廠廣延廷建开式弘张",
    "張强弼彌当彝形彤彥彦彩彪彬彭影很律徐得從復微徵德徹徽心必志忠忽怀态思怡急性总恆恒",
    "恩恭息恰悦情惟惠想意愚愛感愷慈慎慧慶憲應懋懷戈成我或战戚戴户房所手才扎打托扶承技",
    "把报拉拱指振据排接描提揚操放政效敏救敖教敦敬数文斌斗斯新方施旅族旗无日旦旧早旭时",
    "旺昂昆昇昊昌明易星春昭是昱晁時晉晋晏晓晖晟晦晨普景晴晶智暉曉曰曲更書曹曼曾最會月",
    "有朋服朗望朝期木本术朱机权李杏材村杜束条来杨杭杰東松板林果枝枫柏某柔查柯柱柳柴标",
    "栋树栗样核根格栾桂桃桐桑桓桥梁梅梓梦梧械检棟棠森椿楊楚楠楨楫業極楷楼榆榕榮構槐樂",
    "樊樓樞模横樹機權次欢欣欧欽正此步武歸死段殷毅毓比毕毛氏民气水永求汉汝江池汤汪汶沁",
    "沂沈沙沟没河油治沿泉法泗波泥注泰泽洁洋洛洞津洪洲活洼派流济浦浩浪浮海涂消涛涧涵淑",
    "淨淮深淳淵清渔渠渡温渭港游湖湘湛湾源溥溪溫滕满滢滨滩滿演漢漳潘潤潭潮澄澜澤濂濟瀚",
    "瀛火灵炎炳点為烈烏烨热焊無焦然煜煥照熊熙燕燦爱爵爽爾片版牌牙牛牟牧物特状狮猷獻玄",
    "玉王玛环现玲珊珍珠珪班理琛琦琪琬琮琰琳琴琼瑗瑛瑜瑞瑶瑾璉璋璐璧璿瓊瓦甄甘生產用甫",
    "田由甲申电男甸界留畢畲登發白百的皇皋皓益盐监盖盘盛盧目直相省眉看真眼着睿瞻瞿知矩",
    "石矿研确碧碩磊磨示社祁祐祖祚祜祝神祥祺祿禎福禧禪禮禹离禾秀秉秋种科秦积称程穆積空",
    "窑窝窦竇立站章童端竹笔符第等策筠签简算管箱節範簡籍米类系紀約純級素紧紫紳紹結經綬",
    "維綱綸緒總繆繼續红级纨纪纯纳线组织绍经结给统绩维编缪缺罕罗羅羊美群義羽翁翔翟翠翰",
    "翼耀老考者而耿聂职联聖聚聞聪聰聲職肅肇肖股育胜胡胤能脫腾臣臧自至致與興舉舍舒舜舟",
    "航良色艳艺艾芝芦芬花芳芸苏苑苗苟若英茂范茅茗茜茶草荊荔荣荷莉莊莎莫莲莹莺菁菊華菲",
    "菴萍营萨萬萱葉葛董蒋蒙蒲蓉蓓蓝蓮蔡蔣蕃蕊蕭薇薛藍藏藩藻蘭虎處虞號融行衍街衛衡表袁",
    "被裁裕裴褚襄西要覃見覺觀见观规觉角解言訊訓訥許註詔話詹誠諒謙謝謨證讓计认让训议记",
    "讲许论设证评识试诚话询该语说请诺课谢谦谭谷豆豐象豪豫貌貞貴費賀資賈賓賢質賴贊贞贡",
    "财责贤质购贯贵费贺贾资赛赤赫走赵起超越路身車載輔輝车轩转轮辉辛辰边达过迎运还这进",
    "远连迟迪述退通造逢連進逵逸遂遇運道達遜遠遵遷選邊邑邓邝邢那邦邬邮邱邵邹郁郊郎郑郝",
    "部郭都鄂鄧采里重野量金鈞銓銘錦錫鍾鎮鏞鏡鐵鑑鑫钟钧钱铁铜铭银铺销锋锐锦镇長长門開",
    "閻關门闫问间闵阜队阮防阳阿陀陆陈限院险陳陵陶陸陽隆隋際隱难雁雄雅集雍雨雪雲零雷電",
    "霄震霍霖霞霭露靈青靖静靜非面靳韋韓韦韩音韵韶順頤額顏顧顯项顺顾领颖题颜风飘飛飞養",
    "餘饶香馥馨馬馮駱騰驥马驿骆验體高魁魏魯鮑鱼鲁鲍鳳鳴鴻鵬鶴鸞鸡鸣鸿鹏鹤鹿麒麟麦麻黃",
    "黄黎黑默黛鼎鼓齊齐齡龍龔龙龚",
};

#define COMMON_BYTES   3u  /* each of them */
#define COMMON_PER_ROW 40u /* the last row may have fewer */
#define COMMON_ROWS    (sizeof(common) / sizeof(common[0]))

bool rc_encoding__is_common(uint32_t point)
{
	const char text[COMMON_BYTES] = {(char)(0xe0 | point >> 12), (char)(0x80 | (point >> 6 & 0x3f)),
					 (char)(0x80 | (point & 0x3f))};
	size_t low = 0, high = (COMMON_ROWS - 1) * COMMON_PER_ROW +
			       strlen(common[COMMON_ROWS - 1]) / COMMON_BYTES;

	if (point < 0x4e00 || point > 0x9fff)
		return false;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const char *there =
		    &common[middle / COMMON_PER_ROW][middle % COMMON_PER_ROW * COMMON_BYTES];
		const int order = memcmp(there, text, COMMON_BYTES);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* ---- kinds of characters ---- */

enum kind {
	KIND_ASCII_LETTER,
	KIND_ASCII,
	KIND_HANZI,
	KIND_LATIN,
	KIND_ALPHABET,
	KIND_NEUTRAL,
	KIND_UNLIKELY,
};

/* The ranges between which nothing is likely; in ascending order. */
static const struct range {
	uint32_t to;
	enum kind kind;
	unsigned script; /* tells alphabets apart */
} ranges[] = {
    {0x08, KIND_UNLIKELY, 0},     {0x0a, KIND_ASCII, 0},       {0x0c, KIND_UNLIKELY, 0},
    {0x0d, KIND_ASCII, 0},        {0x1f, KIND_UNLIKELY, 0},    {0x40, KIND_ASCII, 0},
    {0x5a, KIND_ASCII_LETTER, 1}, {0x60, KIND_ASCII, 0},       {0x7a, KIND_ASCII_LETTER, 1},
    {0x7e, KIND_ASCII, 0},        {0x9f, KIND_UNLIKELY, 0},    {0xbf, KIND_NEUTRAL, 0},
    {0xd6, KIND_LATIN, 1},        {0xd7, KIND_NEUTRAL, 0},     {0xf6, KIND_LATIN, 1},
    {0xf7, KIND_NEUTRAL, 0},      {0x24f, KIND_LATIN, 1},      {0x2ff, KIND_UNLIKELY, 0},
    {0x36f, KIND_NEUTRAL, 0},     {0x3ff, KIND_ALPHABET, 2},   {0x52f, KIND_ALPHABET, 3},
    {0x58f, KIND_ALPHABET, 4},    {0x5ff, KIND_ALPHABET, 5},   {0x77f, KIND_ALPHABET, 6},
    {0x900, KIND_UNLIKELY, 0},    {0xdff, KIND_ALPHABET, 7},   {0xeff, KIND_ALPHABET, 8},
    {0xfff, KIND_ALPHABET, 9},    {0x109f, KIND_ALPHABET, 10}, {0x10ff, KIND_ALPHABET, 11},
    {0x17ff, KIND_UNLIKELY, 0},   {0x18af, KIND_ALPHABET, 12}, {0x1dff, KIND_UNLIKELY, 0},
    {0x1eff, KIND_LATIN, 1},      {0x1fff, KIND_ALPHABET, 2},  {0x206f, KIND_NEUTRAL, 0},
    {0x209f, KIND_UNLIKELY, 0},   {0x27bf, KIND_NEUTRAL, 0},   {0x2fff, KIND_UNLIKELY, 0},
    {0x303f, KIND_NEUTRAL, 0},    {0x312f, KIND_ALPHABET, 13}, {0x318f, KIND_ALPHABET, 14},
    {0x33ff, KIND_NEUTRAL, 0},    {0x4dbf, KIND_HANZI, 0},     {0x4dff, KIND_UNLIKELY, 0},
    {0x9fff, KIND_HANZI, 0},      {0xabff, KIND_UNLIKELY, 0},  {0xd7a3, KIND_ALPHABET, 14},
    {0xf8ff, KIND_UNLIKELY, 0},   {0xfaff, KIND_HANZI, 0},     {0xfdff, KIND_UNLIKELY, 0},
    {0xfe6f, KIND_NEUTRAL, 0},    {0xfeff, KIND_UNLIKELY, 0},  {0xff64, KIND_NEUTRAL, 0},
    {0xffdc, KIND_ALPHABET, 13},  {0xffe6, KIND_NEUTRAL, 0},   {0x1efff, KIND_UNLIKELY, 0},
    {0x1faff, KIND_NEUTRAL, 0},   {0x1ffff, KIND_UNLIKELY, 0}, {0x323af, KIND_HANZI, 0},
    {0x10ffff, KIND_UNLIKELY, 0},
};

static const struct range *range_of(uint32_t point)
{
	const struct range *range = ranges;

	while (point > range->to)
		range++;
	return range;
}

/* ---- words ---- */

/* A run of letters. */
struct word {
	unsigned script; /* of its letters; UINT_MAX: of several */
	size_t ascii;    /* letters */
	size_t others;
};

/* An accented letter stands among plain ones, a letter of another alphabet in a word of it; alone it is half of something else. */
static void end_word(struct word *word, struct rc_encoding_count *count)
{
	const bool is_apart =
	    word->script == UINT32_MAX || (word->script == 1 ? word->ascii == 0 : word->others < 2);

	count->letters += word->others;
	count->apart += is_apart ? word->others : 0;
	*word = (struct word){0, 0, 0};
}

static void take_letter(struct word *word, const struct range *range)
{
	if (word->script == 0)
		word->script = range->script;
	else if (word->script != range->script)
		word->script = UINT32_MAX;
	*(range->kind == KIND_ASCII_LETTER ? &word->ascii : &word->others) += 1;
}

static bool is_break(uint32_t point)
{
	return point == '\n' || point == '\r' || point == ',' || point == ';' || point == '\t';
}

struct rc_encoding_count rc_encoding__count(struct rc_bytes utf8)
{
	struct rc_encoding_count count = {0};
	struct word word = {0, 0, 0};

	for (size_t at = 0, size; at < utf8.size; at += size) {
		uint32_t point = 0;

		size = rc_utf8_next(rc_bytes_of(utf8.data + at, utf8.size - at), &point);
		if (size == 0)
			break;
		const struct range *range = range_of(point);

		if (range->script > 0)
			take_letter(&word, range);
		else
			end_word(&word, &count);
		count.ascii += range->kind <= KIND_ASCII;
		count.breaks += is_break(point);
		count.hanzi += range->kind == KIND_HANZI;
		count.common += range->kind == KIND_HANZI && rc_encoding__is_common(point);
		count.far += range->kind == KIND_HANZI && (point < 0x4e00 || point > 0xffff);
		count.neutral += range->kind == KIND_NEUTRAL;
		count.unlikely += range->kind == KIND_UNLIKELY;
	}
	end_word(&word, &count);
	return count;
}

/* The fewer there are, the more of them must be common: three characters can be an accident. */
bool rc_encoding__is_chinese(const struct rc_encoding_count *count)
{
	const size_t telling = count->hanzi + count->letters + count->unlikely;
	const size_t percent = telling < 4 ? 100 : telling < 8 ? 85 : telling < 40 ? 70 : 60;

	return telling >= 2 && (count->common + count->far) * 100 >= telling * percent;
}
