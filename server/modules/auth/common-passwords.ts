const WORDS = `
password passwort passw pass passphrase motdepasse contrasena contrasenya parola haslo wachtwoord wagwoord senha
salasana losenord adgangskode passord heslo jelszo lozinka sifre admin administrator root toor superuser sysadmin
user username guest default temp temporary test tester testing demo sample example changeme changeit letmein
letmeinnow openup opensesame sesame welcome welcometo welcomeback hello hellothere helloworld hallo hola bonjour ciao
login logon signin signmein enter access accessme master mastermind secret topsecret secretsecret private hidden
iloveyou iloveu loveyou ilove loveme lovely love lover loverboy lovers mylove foreverlove truelove babygirl babyboy
baby honey sweetheart sweetie darling angel angels princess prince queen king kingdom kitty kitten puppy doggy
qwerty qwertz azerty qwertyuiop qwertzuiop azertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc wsxedc
qweasd qweasdzxc asdzxc zaqxsw zaqwsx poiuyt lkjhgf mnbvcxz trewq ytrewq qwaszx asdf qwer zxcv qwe asd zxc
abc abcd abcde abcdef abcdefg abcdefgh abcabc xyz xyzzy aaa bbb zzz
monkey dragon tiger lion eagle falcon hawk wolf bear panda shark dolphin horse pony unicorn phoenix butterfly
football soccer baseball basketball hockey tennis golf golfer cricket rugby softball volleyball racing runner
liverpool arsenal chelsea manchester united barcelona barca realmadrid juventus bayern benfica ajax celtic rangers
yankees cowboys steelers lakers bulls patriots packers eagles raiders broncos redsox dodgers giants
superman batman spiderman ironman wonderwoman catwoman superstar superhero hero pokemon pikachu naruto sasuke goku
starwars startrek skywalker vader jedi yoda gandalf frodo matrix neo trinity zeppelin metallica nirvana blink
slipknot eminem beatles elvis madonna beyonce rihanna bieber minecraft roblox fortnite warcraft starcraft counter
strike counterstrike playstation nintendo xbox sega mario luigi zelda sonic tetris
computer internet laptop windows microsoft google facebook instagram twitter youtube yahoo hotmail gmail apple iphone
ipad android samsung nokia motorola blackberry linux ubuntu debian server network system security firewall database
mysql oracle postgres redis docker cisco router switch wifi wireless hotspot
sunshine sunflower sunset sunrise sunny moonlight moon star stars starlight sky rainbow flower flowers rose lily
daisy cherry peach banana apple orange lemon melon mango strawberry blueberry chocolate cookie cookies candy sugar
pepper ginger cinnamon coffee cheese pizza burger butter bacon chicken turkey pancake cupcake muffin
summer winter spring autumn january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday weekend holiday vacation birthday christmas easter halloween
america american england london paris berlin munich hamburg vienna zurich madrid rome milan moscow tokyo sydney
melbourne brisbane auckland toronto newyork chicago boston dallas houston texas california florida hawaii alaska
africa southafrica johannesburg joburg pretoria durban capetown bloemfontein soweto egypt cairo nairobi kenya lagos
nigeria ghana india delhi mumbai china beijing japan canada mexico brazil argentina germany france spain italy
michael jennifer jordan michelle jessica thomas hunter robert daniel andrew joshua matthew anthony william charles
charlie george david james john joseph richard steven brian kevin jason justin brandon nicole ashley amanda samantha
stephanie elizabeth heather melissa danielle lauren taylor hannah sarah rachel rebecca emily emma olivia sophie
sophia anna maria martha laura andrea alexander alexandra alex maxwell maximus patrick peter martin simon sebastian
tobias lukas jonas felix oliver oscar harry ronald donald jackson tyler cameron austin morgan phoenix bailey buster
maggie molly lucky rocky shadow smokey ranger rusty snoopy scooter scooby garfield tigger sparky casper pooh barney
mustang corvette camaro porsche ferrari mercedes toyota honda yamaha suzuki kawasaki harley chevy chevrolet ford
dodge jeep ducati audi volvo subaru nissan bmw
freedom liberty justice peace forever whatever nothing something anything everything nobody somebody trustno trustnoone
nopassword noidea idontknow dontknow forgot forgotten remember blessed jesus jesuschrist jesusislord godisgood god
heaven faith hope grace spirit church bible amen allah buddha zen karma magic wizard witch
money cash dollar dollars rich millionaire bank banking business company corporate office work worker manager boss
employee staff team sales finance marketing support service servicedesk helpdesk reception
killer ninja samurai pirate soldier captain cowboy gangster thug player gamer hacker hacked biteme asshole
bullshit shithead fuckyou fuckoff fuckme fuck bitch pussy dick cock sexy sexygirl hotstuff porn
correcthorsebatterystaple correcthorse batterystaple thisismypassword mypassword yourpassword newpassword oldpassword
thepassword userpassword adminpassword rootpassword adminadmin passwordpassword passpass testtest useruser
ncc trustme believe dreams dreamer happy happiness smile friends friend bestfriend family mother father mommy daddy
brother sister grandma grandpa husband wife boyfriend girlfriend children teacher student school college university
`;

/** Words that passwords were found to be made of, again and again: in plain letters, without digits and signs. */
export const commonWords: ReadonlySet<string> = new Set(WORDS.split(/\s+/).filter((word) => word !== ''));

/** What hands type who let the keyboard think: rows, columns, the alphabet, digits; read forwards and backwards. */
export const runs: readonly string[] = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'qsdfghjklm',
  'zxcvbnm',
  'yxcvbnm',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '!@#$%^&*()_+',
  '!"§$%&/()=',
  '147258369',
  '159357',
  '741852963',
];
