// Digital, analog, PWM and interrupts of the AVR boards.
volatile int edges = 0;
void onRise() { edges++; }

void setup() {
  Serial.begin(115200);
  pinMode(2, INPUT_PULLUP);
  pinMode(3, INPUT);
  pinMode(4, INPUT_PULLUP);
  pinMode(LED_BUILTIN, OUTPUT);
  attachInterrupt(digitalPinToInterrupt(3), onRise, RISING);
  analogWrite(9, 100);
}

void loop() {
  Serial.println(String(digitalRead(2)) + digitalRead(3) + digitalRead(4) + " " + analogRead(A0) + " " + analogRead(A1) +
                 " " + edges);
  digitalWrite(LED_BUILTIN, digitalRead(2) == LOW ? HIGH : LOW);
  if (millis() > 190) analogWrite(9, 255);  // the core makes that a plain HIGH
  delay(100);
}
