/// The passwords that guessing begins with. Compared in lower case; `PasswordPolicy` also looks behind added digits.
enum CommonPasswords {
    static func contains(_ folded: String) -> Bool { all.contains(folded) }

    private static let all = Set(text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))

    private static let text = """
        000000 00000000 0000000000 0123456789 0987654321 101010 102030 10203040 1111 11111 111111 1111111 11111111
        111111111 1111111111 11112222 112233 11223344 1122334455 121212 12121212 121314 123 123123 123123123 1231234
        123321 1233321 1234 12341234 12344321 12345 1234554321 123456 1234560 1234561 1234567 12345678 123456789
        1234567890 12345678910 123456789a 123456a 123456abc 123456q 123457 12345a 12345qwert 12345qwerty 12345six 1234abcd
        1234qwer 1234qwerasdf 123654 123654789 123698745 123abc 123abc456 123asd 123hello 123qwe 123qweasd 123qweasdzxc
        1312 131313 13131313 134679 135790 13579 1357924680 141414 142536 147147 147258 147258369 147852 147852369
        151515 159357 159753 159951 161616 171717 181818 191919 192837 192837465 1a2b3c 1a2b3c4d 1g2w3e4r 1q1q1q 1q2w3e
        1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz 1qaz1qaz 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 1qw23e 2000 20002000 202020 212121
        22222222 222222 232323 242424 246810 252525 256256 25802580 262626 272727 282828 292929 2wsx3edc 303030 312312
        313131 321321 321456 321654 321654987 323232 333333 33333333 343434 4321 420420 424242 434343 444444 44444444
        454545 456123 456456 456789 456852 464646 4815162342 484848 494949 505050 515151 525252 54321 543210 5432112345
        545454 555555 5555555555 55555555 565656 575757 585858 595959 606060 616161 626262 636363 646464 654123 654321
        656565 666666 66666666 666999 676767 686868 696969 69696969 707070 717171 727272 741852 741852963 747474 753159
        753951 757575 7654321 767676 777777 7777777 77777777 778899 784512 786786 787878 789456 789456123 789789 797979
        808080 818181 828282 838383 848484 852456 852852 858585 868686 87654321 876543210 878787 888888 88888888 898989
        909090 919191 929292 939393 94949494 951753 959595 963852 963852741 969696 979797 987456 987654 98765432 987654321
        9876543210 987987 989898 999999 99999999 9999999999 a123456 a12345678 a123456789 a1b2c3 a1b2c3d4 a1s2d3 a1s2d3f4
        aa123456 aa12345678 aaa111 aaaaaa aaaaaaa aaaaaaaa aaaaaaaaaa abc abc123 abc123456 abc12345 abcabc abcd abcd1234
        abcdef abcdefg abcdefgh abcdefghi abcdefghij access accord account action addison adidas adm1n admin admin123
        admin1234 administrator adminadmin adobe123 adrian adriana agent007 airborne airplane alabama alaska albert alberto
        alejandra alejandro alessandro alex alexander alexandra alexandre alexis alfred alicia alison allison allison1 alpha
        alyssa amanda amandine amateur amber america american amsterdam anaconda anastasia andrea andreas andrei andrew
        andromeda andy angel angela angelica angelina angelo angels angel123 animal anna annette annie anthony antonia
        antonio anything apache apollo apollo13 apple apple123 apples april aquarius archie argentina ariana arizona armando
        arsenal arsenal1 arthur asasas asd123 asdasd asdasdasd asdf asdf1234 asdfasdf asdfg asdfgh asdfghj asdfghjk
        asdfghjkl asdfghjkl1 asdfjkl asdqwe123 ashley ashton atlanta atlantis attila auburn august aurora austin
        australia author autumn avalon avatar azerty azertyuiop azsxdc baby babyblue babyboy babygirl babylon bacardi
        badboy badger badminton bailey balance ball banana bananas bandit barbara barbie barcelona barney baron baseball
        baseball1 basketball bassman batman batman123 bball beach bear beast beatles beatrice beautiful beauty beaver
        bella benfica benjamin bentley berlin bernard bernie bestfriend beyonce bianca bigboy bigdaddy bigdog bigfoot
        billabong billy bingo birdie birthday biscuit bitch bitches black blackberry blackbird blackcat blackjack
        blackmetal blahblah blaster blazer blessed blessing blink182 blizzard blonde blondie blood bloody blossom blowfish
        blue bluebird bluesky bmw boat bobby bob bollocks bomber bond007 bonjour bonnie booboo boogie booger boomer booster
        boston bowling boxing bradley branden brandi brandon brandy brasil bravo brazil brenda brian brianna bridge
        brittany broncos brooke brooklyn brother brothers brownie bruno brutus bubba bubble bubbles buddy buddha budlight
        buffalo bull bulldog bulldogs bullet bullshit bunny burger buster butter butterfly butthead button calvin camaro
        cameron camille canada canadian candy candyman captain caramel cardinal cardinals carlos carmen carnage carolina
        caroline carpediem carrie carter casanova cascade casey casino casper cassandra cassie castle catalina catch22
        catdog catherine cecilia celeste celtic celtics center cesar challenge champion champions chance changeit changeme
        changeme123 changme chantal charles charlie charlie1 charlotte charmed chase cheater cheese chelsea chelsea1 cherries
        cherry chester chevelle chevrolet chevy chicago chicken chicken1 chico children chinese chivas chloe chocolate
        choose christ christian christina christine christmas christopher chrome chronic chuck church cinderella cinnamon
        classic claudia clayton cleopatra clinton clover cocacola coco coffee college colombia colorado columbia comcast
        comein company compaq compass compton computer computer1 confused connect connor constantine contact control
        cookie cookies cool cooldude cooper copper coralie corazon corona corvette cosmos cotton cougar country courtney
        cowboy cowboys cracker crazy cream creative crescent cricket cristian cristiano cristina crystal cuddles cumming
        custom cutie cutiepie cyclone daddy dakota dallas damian dance dancer danger daniel daniela danielle danny darkness
        darkside darling dave david david123 dayton deborah december default defender defiant deftones delete delfin delta
        demo denise dennis denver desert design desire destiny detroit devil devils dexter diablo diamond diamonds diana
        dick diego dietcoke digital dilbert dinosaur direct dirty discover disney dispatch doctor dodger dodgers doggie
        dogs dolphin dolphins domain dominic dominique donald donkey donna doodle dookie dorothy dortmund dracula dragon
        dragonball dragonfly dragons dream dreamer dreams drowssap drummer ducati dude dudley dusty dynamite eagle eagle1
        eagles earth eastwood eclipse eddie edgar edison eduardo edward einstein elaine eleanor electric electro elephant
        elizabeth ella ellie elvis email emily eminem emmanuel energy england enigma enter enterprise entropy eric erika
        erotic escape espana esther estrella eternity eugene europe evelyn everest everton everything evolution example
        excalibur excalibur1 explorer express extreme fabian facebook faith falcon falcons family family1 fantasia fantasy
        fashion father february felipe felix fender fenerbahce fernanda fernando ferrari ferrari1 ferret fender1 fidelity
        fighter finance finger finland fire fireball firebird firefighter firefly firefox fireman first fisher fishing
        flamengo flames flamingo florida flower flowers fluffy flyers flying foobar football football1 forever forever1
        forget forgotten formula1 forrest fortuna fortune forum fountain foxtrot france frances francesca francesco
        francis francisco frank franklin freak fred freddie freddy freedom freedom1 freepass freeway freeze french fresh
        friday friend friends friendship frog froggy frontier frosty frozen fuck fucker fucking fuckme fuckoff
        fuckyou fuckyou1 fuckyou2 function funny future gabriel gabriela gabrielle galaxy galina gandalf garden garfield
        gateway gemini general genesis geneva genius george georgia gerald germany getmein getout gfhjkm ghost giants gibson
        gilbert ginger giorgio giovanni girl girls giuseppe gizmo gladiator gloria godfather godisgood godzilla golden
        goldfish goldie goldstar golf golfer golfing goober good goodbye goodluck google google1 gordon gorilla gotcha
        grace grandma granite green greenday greenday1 gregory griffin groovy guardian guest guinness guitar guitar1 gunner
        gunners hacker hahaha hahahaha hammer hammers hamster handsome hannah hannover hansolo happiness happy happy1
        happy123 happyday hardcore harley harley1 harmony harrison harry harvard harvey hawaii hawk heart hearts heather
        heaven hector heineken helena hello hello1 hello123 hello1234 hellohello hellokitty hendrix henry hercules herman
        hesoyam hiphop hockey hockey1 holiday holland hollister hollywood home homer honda honey honeybee honeys hooters
        hope hornet hotdog hotmail hotrod houston howard hudson hummer hunter hunter1 hunting hurricane husker hydrogen
        hyundai ibanez iceberg icecream iceman idontknow iforgot iforget iguana illusion iloveme iloveu iloveyou iloveyou1
        iloveyou2 ilovegod imagine immortal impala indian indiana indigo infinite infinity inferno internet intruder
        invisible ireland ireland1 ironman isabel isabella isabelle isaiah istanbul italia italian italy jackass jackie
        jackson jacob jaguar jaime jake jamaica james james1 jamesbond jamie january japan jasmin jasmine jason jasper
        javier jayjay jazz jeanette jefferson jeffrey jellybean jenifer jenny jennifer jeremiah jeremy jericho jerome jerry
        jersey jessica jessie jesus jesus1 jesuschrist jesusis jimmy joanna johan john john316 johncena johndeere johnny
        johnson jonathan jordan jordan1 jordan23 jorge jose joseph josephine joshua juanita juice julia julian juliana
        julie juliet juliette july junebug junior jupiter justice justin justine juventus kaiser kamikaze karate karen karina
        katarina kate katherine kathleen kathryn katie katrina kawasaki kayla keith kelly kelsey kennedy kenneth kermit
        kevin kicker killer killer1 killme kimberly king kingdom kingkong kings kingston kissme kitten kitty klingon
        knickers knight knights knuckles kodiak kramer krishna kristen kristin kristina laddie lady ladybug lakers lancer
        lasvegas laura lauren laurent lavender lawrence leather legend legolas lennon leonard leonardo leopard leslie
        letmein letmein1 letmein2 letmeinnow letsgo lexmark liberty lifeisgood light lightning lights lilly limited lincoln
        linda lindsay lindsey linkinpark lions lisa liverpool liverpool1 lizard lkjhgfdsa logan login logitech london
        lonely longhorn looking lorenzo lorraine losangeles louise love love123 love4ever loveable loveless lovelife
        lovely loveme lovers loveyou loving lucifer lucky lucky1 lucky13 lucky7 lucy ludwig luna machine mackenzie madison
        maddog madonna madrid maggie magic magician magnolia magnum malcolm malibu manager manchester mandarin manuel
        marathon marcel marco marcus margaret margarita maria mariah mariana marie marijuana marina marine marines mario
        marion marissa marjorie marlboro marley marseille marshall martha martin martina martinez marvin mary maryjane
        master master1 masters matrix matthew matthias maurice maverick maxwell maximus mayday mazda mckenzie melanie
        melissa member mememe memorial memory memphis mercedes mercury merlin mermaid metal metallic metallica mexican mexico
        miami michael michael1 michel michelle michigan mickey mickeymouse microsoft midnight mike milan military millenium
        million miller millie million1 mimi mimosa minecraft minnie miracle miranda mirage missy mississippi misty mitchell
        mobile mobydick molly molly1 monday money money1 monica monika monique monitor monkey monkey1 monkey123 monster
        monster1 monsters montana montreal moomoo moonlight moose mordor morgan morpheus morris mortimer moscow mother
        motorola mountain mouse movies mozart muffin murphy music music1 mustang mustang1 myname myself myspace myspace1
        mypassword mysecret mystery nancy napoleon naruto nascar natalia natalie natasha nathalie nathan nathaniel national
        naughty navy ncc1701 nebraska nelson neptune network neville newcastle newlife newpass newpassword newport newton
        newyork newyork1 nicaragua nicholas nichole nick nicola nicolas nicole nicole1 nightmare nikita nikki
        nintendo nipples nirvana nissan noentry nokia nopass nopassword nobody norman northern nothing nothing1 november
        novell null number1 nursing oakland obsidian october offspring oklahoma oldschool oliver olivia olympus omega
        onelove online opendoor opensesame open operator optimist oracle orange oranges orion orlando orlando1 oscar
        outlaw oxford p@ssw0rd p@ssword pa55w0rd pa55word pablo pacific packers paladin palermo pamela panasonic pancake
        panda pandora panther panthers panties pantera paradise paramore paris parker parola parola123 party pascal pass
        pass123 pass1234 passat passion passme passpass passport passw0rd passwd password password0 password01 password1
        password11 password12 password123 password1234 password2 password9 passwords passwort patches patience patricia
        patrick patriot patriots paula pauline payday peace peaches peacock peanut peanuts pearljam pebbles peewee pegasus
        pelican penelope penguin penguins penis people pepper peppers perfect perro personal peter peterpan petra peugeot
        phantom phillip philippe phoenix phoenix1 photo phpbb piano picasso pickle picture pierre pikachu pimpin pineapple
        pinkfloyd pioneer pirate pirates pitbull pizza planet platinum player playboy playstation please poison pokemon
        police polina pookie pookie1 poohbear poop poopoo popcorn popeye porsche portland portugal postal postmaster
        potato power powers prayer precious preston pretty primavera prince princess princess1 princesa principe printer
        private prodigy professor project promise prometheus protocol prudence pumpkin punkrock puppies purple purple1 pussy
        pussycat puzzle pyramid q1w2e3 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qawsed qawsedrf qaz123 qazqaz qazwsx qazwsx123
        qazwsxedc qazwsxedcrfv qazxsw qq123456 qqqqqq qqqqqqqq qqww1122 quality quantum quattro queen queens quest qwaszx
        qwe123 qwe123qwe qweasd qweasdzxc qweqwe qweqweqwe qwer qwer1234 qwerasdf qwert qwert1 qwert123 qwert12345
        qwerty qwerty1 qwerty11 qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwerty7 qwertyqwerty qwertyu qwertyui
        qwertyuiop qwertyuiop123 qwertz qwertzuiop rabbit racecar rachael rachel rachelle racing radical raider raiders
        rainbow rainbow1 rallitas ramona ranger rangers raphael raptor rasputin raven ravens raymond reading reality realmadrid
        rebecca rebecca1 rebel rebels redbull reddog redhead redneck redrose redskins redsox redwings reggae regina
        reginald remember renegade republic research resident reynaldo ricardo richard richmond ricky rihanna riverside
        robbie robert roberta roberto robin robinhood robinson robocop rocket rockets rockford rocknroll rockstar rocky
        roger roland rolando roller romance romania ronald ronaldo ronaldo7 ronnie rooney rooster root rosario rosebud
        rosemary roses roxanne royal royals rugby runner running russell russia ruslan sabrina sailing sailor saint saints
        salvador salvation sam samantha samsung samsung1 samson samuel samurai sandra sandrine sandy sanfran santa santana
        santiago saphire sapphire sarah sarah1 sasha saskia saturday saturn savage savannah scarface scarlet scarlett schalke04
        school science scooby scoobydoo scooter scorpio scorpion scotland scott scotty scrabble seattle sebastian secret
        secret1 secret123 secret666 security september serenity sergei sergio service seven seventeen sexy sexyboy sexygirl
        shadow shadow1 shalom shamrock shannon shark sharks sharon shaved sheila shelby shelly sheriff sherlock shirley
        shithead shopping shorty showtime sierra silent silver silver1 simba simone simple simpsons simpson single sister
        sisters skateboard skater skeeter skipper skippy skywalker slayer slipknot slipknot1 smile smiley smokey smooth
        snake snapper snickers sniper snoopy snoopdog snow snowball snowboard snowflake snowman soccer soccer1 socrates
        softball soldier soleil solution somebody something sonic sonics sophia sophie soprano southern southpark
        soulmate spain spanky sparky sparrow spartak spartan spartan117 special spectrum speed speedy spencer spider
        spiderman spirit spiritual spitfire splash sponge spongebob spooky sport sports spring sprite sputnik squirrel stalker
        standard stanford stanley star starfish stargate starlight stars startrek starwars starwars1 station stealth steelers
        stefan stella stephanie stephen sterling steve steven stewart stickers sticky stinky stranger strawberry
        stripper strong student stupid success suckit sugar summer summer1 summertime sundance sunday sunflower
        sunlight sunrise sunset sunshine sunshine1 super super123 supergirl superman superman1 supernova supersecret superstar
        support supreme surfer surfing surprise susan suzuki sweden sweet sweetheart sweetie sweetness sweetpea swimmer
        swimming swordfish sydney sylvester sylvia symphony syracuse system tamara tango tarzan tasha tattoo taurus
        taylor teacher techno teddy teddybear teens telefon telephone temp temp123 temp1234 temple temporary tennessee
        tennis tequila teresa terminal terminator terry test test1 test123 test1234 test12345 tester testing testing1
        testpass testtest texas thailand thanks thankyou theboss thebest thecat theking theman themaster theodore theone
        theresa therock thirteen thomas thompson thousand thuglife thumper thunder thunderbird thursday tiffany tiger tiger1
        tigers tigger tigger1 timothy tinkerbell tintin titanic titanium tokiohotel tomato tomcat tommy toor topgun topsecret
        toronto toshiba total tottenham toyota trabajo traffic transformers transport travel travis treasure trebor trinity
        triumph trojan trombone trooper trouble trucker trumpet trustme trustno1 truelove tucker tuesday tunafish turkey
        turtle tweety twilight twister tyler tyson ultimate umbrella undertaker unicorn united university unknown user
        username utopia vacation valencia valentin valentina valentine valerie vampire vanessa vanilla vegeta
        velocity venice venus veronica veronika version vfrcbv victor victoria victory vietnam viking vikings vincent
        vincenzo violet viper virgin virginia virgo vision vladimir volcano volleyball voltage volume voyager vvvvvv walker
        wallace walrus walter warcraft warning warrior warriors washington wasser watermelon watson wealth weasel webmaster
        wednesday welcome welcome1 welcome123 welcome2 wendy westham western westside whatever whatever1 whatsup wheels
        whiskey white whitney wicked wildcat wildcats wilhelm william williams willie willow wilson windows windsor winner
        winston winter winter1 wizard wolf wolfgang wolfpack wolverine wolves woman wonder wonderful wonderland woody woofwoof
        wordpass work world wrangler wrestling writer xanadu xavier ximena xbox360 xxx xxxxxx xxxxxxxx yahoo yamaha yankee
        yankees yankees1 yellow yellow1 yesterday yosemite yourmom yvonne yyyyyy zachary zaq12wsx zaq1xsw2 zaq1zaq1 zaqwsx
        zeppelin zidane zombie zxc123 zxcasdqwe zxcvbn zxcvbnm zxcvbnm1 zxcvbnm123 zxczxc zzzzzz zzzzzzzz
        correcthorsebatterystaple martlet mailserver postfix dovecot letmein123 password! admin@123 welcome@123 qwerty!@#
        """
}
